import type { DecodedAudio, Samples } from '../types.js';

/** The channels themselves, not copies: transferring those of a buffer empties it. */
export function samplesOf(source: DecodedAudio | Samples): Samples {
  if (!('getChannelData' in source)) return source;
  const channels = Array.from({ length: source.numberOfChannels }, (_, i) => source.getChannelData(i));
  return { channels, sampleRate: source.sampleRate };
}

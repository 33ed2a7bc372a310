import type { DecodedAudio, Samples } from '../types.js';

/** Returns the samples of a source without copying them. Transferring the channels of an `AudioBuffer` would empty it. */
export function samplesOf(source: DecodedAudio | Samples): Samples {
  if (!('getChannelData' in source)) return source;
  const channels = Array.from({ length: source.numberOfChannels }, (_, i) => source.getChannelData(i));
  return { channels, sampleRate: source.sampleRate };
}

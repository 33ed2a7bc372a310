import { knownError } from '../runtime/errors.js';
import type { Samples } from '../types.js';

/** Format codes in the header: integers, floats, and “see the extension”. */
const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

/**
 * Decodes a wav file at its own sample rate.
 *
 * # Errors
 * A {@link TonearmError} unless the file contains integer samples of 8 to 32 bits, or float samples.
 */
export function samplesOfWav(bytes: Uint8Array): Samples {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = chunksOf(view);
  const format = chunks.get('fmt ');
  const data = chunks.get('data');
  if (!format || format.byteLength < 16 || !data) throw knownError('not-wav');

  const mainCode = format.getUint16(0, true);
  const code = mainCode === EXTENSIBLE && format.byteLength >= 26 ? format.getUint16(24, true) : mainCode;
  const nChannels = format.getUint16(2, true);
  const bits = format.getUint16(14, true);
  const read = sampleReader(data, code, bits);
  if (!read || nChannels === 0) throw knownError('not-wav');

  const width = bits / 8;
  const frames = Math.floor(data.byteLength / width / nChannels);
  const channels = Array.from({ length: nChannels }, (_, channel) =>
    Float32Array.from({ length: frames }, (_, frame) => read((frame * nChannels + channel) * width)),
  );
  return { channels, sampleRate: format.getUint32(4, true) };
}

/** Chunks of the file, by name. A chunk whose stated length exceeds the file is truncated. */
function chunksOf(view: DataView): Map<string, DataView> {
  const name = (at: number) => String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, 4));
  const chunks = new Map<string, DataView>();
  if (view.byteLength < 12 || name(0) !== 'RIFF' || name(8) !== 'WAVE') return chunks;
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const length = Math.min(view.getUint32(at + 4, true), view.byteLength - at - 8);
    chunks.set(name(at), new DataView(view.buffer, view.byteOffset + at + 8, length));
    // Chunks are padded to an even length.
    at += 8 + length + (length % 2);
  }
  return chunks;
}

/** Returns a function that reads the sample at a byte offset, scaled to -1..1; undefined if the format is not supported. */
function sampleReader(data: DataView, code: number, bits: number): ((at: number) => number) | undefined {
  switch (`${code} ${bits}`) {
    case `${PCM} 8`:
      return (at) => (data.getUint8(at) - 128) / 2 ** 7;
    case `${PCM} 16`:
      return (at) => data.getInt16(at, true) / 2 ** 15;
    case `${PCM} 24`:
      return (at) => (data.getInt8(at + 2) * 2 ** 16 + data.getUint16(at, true)) / 2 ** 23;
    case `${PCM} 32`:
      return (at) => data.getInt32(at, true) / 2 ** 31;
    case `${FLOAT} 32`:
      return (at) => data.getFloat32(at, true);
    case `${FLOAT} 64`:
      return (at) => data.getFloat64(at, true);
    default:
      return undefined;
  }
}

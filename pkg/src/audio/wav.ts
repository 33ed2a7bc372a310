import { trouble } from '../runtime/errors.js';
import type { Samples } from '../types.js';

/** Codes of the header: whole numbers, floats, and "see the extension". */
const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

/**
 * The samples of a wav file, at its own rate.
 *
 * # Errors
 * A {@link TonearmError} unless it holds whole numbers of 8 to 32 bits, or floats.
 */
export function samplesOfWav(bytes: Uint8Array): Samples {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = chunksOf(view);
  const format = chunks.get('fmt ');
  const data = chunks.get('data');
  if (!format || format.byteLength < 16 || !data) throw trouble('not-wav');

  const stated = format.getUint16(0, true);
  const code = stated === EXTENSIBLE && format.byteLength >= 26 ? format.getUint16(24, true) : stated;
  const n_channels = format.getUint16(2, true);
  const bits = format.getUint16(14, true);
  const read = readerOf(data, code, bits);
  if (!read || n_channels === 0) throw trouble('not-wav');

  const width = bits / 8;
  const frames = Math.floor(data.byteLength / width / n_channels);
  const channels = Array.from({ length: n_channels }, (_, channel) =>
    Float32Array.from({ length: frames }, (_, frame) => read((frame * n_channels + channel) * width)),
  );
  return { channels, sampleRate: format.getUint32(4, true) };
}

/** The chunks of the file by their names; one that says that it is longer than the file ends with it. */
function chunksOf(view: DataView): Map<string, DataView> {
  const name = (at: number) => String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, 4));
  const chunks = new Map<string, DataView>();
  if (view.byteLength < 12 || name(0) !== 'RIFF' || name(8) !== 'WAVE') return chunks;
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const length = Math.min(view.getUint32(at + 4, true), view.byteLength - at - 8);
    chunks.set(name(at), new DataView(view.buffer, view.byteOffset + at + 8, length));
    // To an even place.
    at += 8 + length + (length % 2);
  }
  return chunks;
}

/** Reads the sample at a place, in -1..1; undefined for what it cannot read. */
function readerOf(data: DataView, code: number, bits: number): ((at: number) => number) | undefined {
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

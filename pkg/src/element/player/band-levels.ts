import type { Spectrogram } from '../../types.js';

/** Frequency bands, with their upper limits in Hz. */
const BANDS = [
  ['bass', 250],
  ['middle', 4_000],
  ['treble', Infinity],
] as const;

/** Range of a spectrogram cell, 0 to 255, in dB. */
const RANGE_DB = 80;

/** Level of one frequency band over time. */
export interface BandLevels {
  name: (typeof BANDS)[number][0];
  fromHz: number;
  toHz: number;
  /** Mean power of each interval, in dB relative to the loudest cell of the track: 0 to -80. */
  levels: number[];
}

/**
 * Levels of the bass, middle and treble bands in each interval of a track. Bands without mel bands are omitted.
 *
 * A mel band belongs to the frequency band that contains its centre.
 *
 * @param intervals - Starts and ends, in seconds.
 */
export function bandLevels(spectrogram: Spectrogram, intervals: readonly [number, number][]): BandLevels[] {
  const edges = spectrogram.edgesHz;
  const centres = edges.slice(1, -1);
  let first = 0;
  return BANDS.flatMap(([name, end], i) => {
    const from = first;
    while (first < centres.length && centres[first]! < end) first++;
    if (first === from) return [];
    const levels = intervals.map((interval) => level(spectrogram, interval, from, first));
    return [{ name, fromHz: Math.max(BANDS[i - 1]?.[1] ?? 0, edges[0] ?? 0), toHz: Math.min(end, edges.at(-1) ?? 0), levels }];
  });
}

/** Power of each cell value, relative to the loudest. */
const POWER = Float64Array.from({ length: 256 }, (_, level) => 10 ** ((level / 255 - 1) * (RANGE_DB / 10)));

/** Mean power of mel bands `low..high` in an interval, in dB. */
function level({ data, nColumns, nMels, seconds }: Spectrogram, [from, to]: readonly [number, number], low: number, high: number): number {
  const columnAt = (time: number) => Math.floor((time / seconds) * nColumns);
  const first = Math.min(columnAt(from), nColumns - 1);
  const last = Math.max(columnAt(to), first + 1);
  let sum = 0;
  for (let column = first; column < last; column++) {
    for (let mel = low; mel < high; mel++) sum += POWER[data[column * nMels + mel] ?? 0] ?? 0;
  }
  return 10 * Math.log10(sum / ((last - first) * (high - low)));
}

import type { Spectrogram } from '../../types.js';

/** What people call low, middle and high notes, by where they end, in Hz. */
const BANDS = [
  ['bass', 250],
  ['middle', 4_000],
  ['treble', Infinity],
] as const;

/** What a cell's 0 to 255 span, in dB. */
const RANGE_DB = 80;

/** How loud one part of the pitches is over time. */
export interface BandLevels {
  name: (typeof BANDS)[number][0];
  from_hz: number;
  to_hz: number;
  /** Mean power of each stretch, in dB of the track's loudest cell: 0 to -80. */
  levels: number[];
}

/**
 * Levels of bass, middle and treble in stretches of a track; without those that the mel bands do not reach.
 *
 * A mel band belongs where its middle lies.
 *
 * @param stretches - Starts and ends, in seconds.
 */
export function bandLevels(spectrogram: Spectrogram, stretches: readonly [number, number][]): BandLevels[] {
  const edges = spectrogram.edges_hz;
  const middles = edges.slice(1, -1);
  let first = 0;
  return BANDS.flatMap(([name, end], i) => {
    const from = first;
    while (first < middles.length && middles[first]! < end) first++;
    if (first === from) return [];
    const levels = stretches.map((stretch) => level(spectrogram, stretch, from, first));
    return [{ name, from_hz: Math.max(BANDS[i - 1]?.[1] ?? 0, edges[0] ?? 0), to_hz: Math.min(end, edges.at(-1) ?? 0), levels }];
  });
}

/** Power of each level of a cell, as a share of the loudest. */
const POWER = Float64Array.from({ length: 256 }, (_, level) => 10 ** ((level / 255 - 1) * (RANGE_DB / 10)));

function level({ data, n_columns, n_mels, seconds }: Spectrogram, [from, to]: readonly [number, number], low: number, high: number): number {
  const column = (at: number) => Math.floor((at / seconds) * n_columns);
  const first = Math.min(column(from), n_columns - 1);
  const last = Math.max(column(to), first + 1);
  let sum = 0;
  for (let at = first; at < last; at++) {
    for (let mel = low; mel < high; mel++) sum += POWER[data[at * n_mels + mel] ?? 0] ?? 0;
  }
  return 10 * Math.log10(sum / ((last - first) * (high - low)));
}

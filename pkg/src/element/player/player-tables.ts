import { bandLevels } from './band-levels.js';
import { clock, clockWithTenths } from '../../text/format.js';
import { NAMED, ranked } from '../../text/moments.js';
import { texts } from '../../text/texts.js';
import type { Table } from '../tone-arm-table.js';
import type { Span, Spectrogram } from '../../types.js';

/** Lengths of the stretches of a spectrogram's table, in seconds. */
const STEPS = [5, 10, 15, 30, 60, 120, 300, 600];

/** Stretches at most. */
const MAX_STRETCHES = 200;

/** The likeliest genres of each moment. */
export function timelineTable(moments: Span[], n_labels: number): Table {
  const named = Math.min(NAMED, n_labels);
  return {
    headings: [texts.from, texts.to, ...texts.ranks.slice(0, named)],
    rows: moments.map(({ start_seconds, end_seconds, probabilities }) => {
      const genres = ranked(probabilities ?? {}).slice(0, named).map(({ label, probability }) => texts.genre(label, probability));
      const cells = probabilities ? genres : Array.from({ length: named }, (_, i) => (i === 0 ? texts.silentMoment : ''));
      return [clockWithTenths(start_seconds), clockWithTenths(end_seconds), ...cells];
    }),
  };
}

/** How loud low, middle and high notes are in stretches of some seconds. */
export function spectrogramTable(spectrogram: Spectrogram): Table {
  const stretches = stretchesOf(spectrogram.seconds);
  const bands = bandLevels(spectrogram, stretches);
  const seconds = (at: number) => clock(Math.round(at));
  return {
    headings: [texts.from, texts.to, ...bands.map(({ name, from_hz, to_hz }) => texts.band(texts.bands[name], from_hz, to_hz))],
    rows: stretches.map(([from, to], i) => [seconds(from), seconds(to), ...bands.map(({ levels }) => texts.decibels(levels[i] ?? 0))]),
    note: texts.loudness,
  };
}

/** Starts and ends in seconds; the last stretch takes what is left over. */
function stretchesOf(seconds: number): [number, number][] {
  const step = STEPS.find((each) => seconds / each <= MAX_STRETCHES) ?? seconds / MAX_STRETCHES;
  const n = Math.max(1, Math.round(seconds / step));
  return Array.from({ length: n }, (_, i) => [i * step, i === n - 1 ? seconds : (i + 1) * step]);
}

import { bandLevels } from './band-levels.js';
import { clock, clockWithTenths } from '../../text/format.js';
import { TOP_GENRES, ranked } from '../../text/timeline.js';
import { texts } from '../../text/texts.js';
import type { Table } from '../tone-arm-table.js';
import type { Span, Spectrogram } from '../../types.js';

/** Possible row lengths of a spectrogram's table, in seconds. */
const STEPS = [5, 10, 15, 30, 60, 120, 300, 600];

/** Most rows of a spectrogram's table. */
const MAX_ROWS = 200;

/** Table of the most probable genres of each step. */
export function timelineTable(steps: Span[], nLabels: number): Table {
  const nGenres = Math.min(TOP_GENRES, nLabels);
  return {
    headings: [texts.from, texts.to, ...texts.ranks.slice(0, nGenres)],
    rows: steps.map(({ startSeconds, endSeconds, probabilities }) => {
      const genres = ranked(probabilities ?? {}).slice(0, nGenres).map(({ label, probability }) => texts.genre(label, probability));
      const cells = probabilities ? genres : Array.from({ length: nGenres }, (_, i) => (i === 0 ? texts.silentMoment : ''));
      return [clockWithTenths(startSeconds), clockWithTenths(endSeconds), ...cells];
    }),
  };
}

/** Table of the levels of low, middle and high frequencies over time. */
export function spectrogramTable(spectrogram: Spectrogram): Table {
  const intervals = intervalsOf(spectrogram.seconds);
  const bands = bandLevels(spectrogram, intervals);
  const time = (seconds: number) => clock(Math.round(seconds));
  return {
    headings: [texts.from, texts.to, ...bands.map(({ name, fromHz, toHz }) => texts.band(texts.bands[name], fromHz, toHz))],
    rows: intervals.map(([from, to], i) => [time(from), time(to), ...bands.map(({ levels }) => texts.level(levels[i] ?? 0))]),
    note: texts.levelNote,
  };
}

/** Starts and ends of the rows, in seconds. The last row includes the remainder. */
function intervalsOf(seconds: number): [number, number][] {
  const step = STEPS.find((length) => seconds / length <= MAX_ROWS) ?? seconds / MAX_ROWS;
  const n = Math.max(1, Math.round(seconds / step));
  return Array.from({ length: n }, (_, i) => [i * step, i === n - 1 ? seconds : (i + 1) * step]);
}

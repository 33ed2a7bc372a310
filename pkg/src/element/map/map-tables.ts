import { texts } from '../../text/texts.js';
import type { Table } from '../tone-arm-table.js';
import type { Place, TrackMap } from '../../types.js';

/** Tracks that count as drawn around a place. */
const AROUND = 100;

/** The tracks that sound most like it, the nearest first. */
export function alikeTable({ neighbours }: Place): Table {
  return {
    headings: texts.mapTables.alikeHeadings,
    rows: neighbours.map(({ track_id, label }, i) => [String(i + 1), String(track_id), label]),
  };
}

/** How the genres are spread over the map, and over what is near the place. */
export function genresTable(map: TrackMap, labels: string[], place: Place): Table {
  const all = counts(map.labels, labels.length);
  const near = nearest(map, place);
  const around = counts(near, labels.length);
  const alike = (label: string) => place.neighbours.filter((each) => each.label === label).length;
  return {
    headings: texts.mapTables.genresHeadings(near.length, place.neighbours.length),
    rows: labels.map((label, i) => [label, ...[all[i] ?? 0, around[i] ?? 0, alike(label)].map(texts.count)]),
  };
}

/** Genres of the tracks that are drawn nearest to a place. */
function nearest({ places, labels }: TrackMap, { x, y }: Place): number[] {
  const distance = (track: number) => Math.hypot((places[2 * track] ?? 0) - x, (places[2 * track + 1] ?? 0) - y);
  const distances = Float64Array.from(labels, (_, track) => distance(track));
  const order = Uint32Array.from(labels, (_, track) => track).sort((a, b) => (distances[a] ?? 0) - (distances[b] ?? 0));
  return Array.from(order.subarray(0, AROUND), (track) => labels[track] ?? 0);
}

function counts(of: ArrayLike<number>, n: number): number[] {
  const counted = new Array<number>(n).fill(0);
  for (const label of Array.from(of)) counted[label] = (counted[label] ?? 0) + 1;
  return counted;
}

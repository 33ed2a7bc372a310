import { count } from '../../text/numbers.js';
import { texts } from '../../text/texts.js';
import type { Table } from '../tone-arm-table.js';
import type { MapPosition, TrackMap } from '../../types.js';

/** Number of tracks that count as near a position. */
const N_NEAREST = 100;

/** The most similar tracks, nearest first. */
export function neighboursTable({ neighbours }: MapPosition): Table {
  return {
    headings: texts.mapTables.neighboursHeadings,
    rows: neighbours.map(({ trackId, label }, i) => [count(i + 1), String(trackId), label]),
  };
}

/** Number of tracks per genre on the whole map, near the position, and among the most similar tracks. */
export function genresTable(map: TrackMap, labels: string[], position: MapPosition): Table {
  const all = countLabels(map.labels, labels.length);
  const nearestLabels = labelsNear(map, position);
  const near = countLabels(nearestLabels, labels.length);
  const similar = (label: string) => position.neighbours.filter((neighbour) => neighbour.label === label).length;
  return {
    headings: texts.mapTables.genresHeadings(nearestLabels.length, position.neighbours.length),
    rows: labels.map((label, i) => [label, ...[all[i] ?? 0, near[i] ?? 0, similar(label)].map(count)]),
  };
}

/** Labels of the tracks that are nearest to a position on the map. */
function labelsNear({ coordinates, labels }: TrackMap, { x, y }: MapPosition): number[] {
  const distance = (track: number) => Math.hypot((coordinates[2 * track] ?? 0) - x, (coordinates[2 * track + 1] ?? 0) - y);
  const distances = Float64Array.from(labels, (_, track) => distance(track));
  const order = Uint32Array.from(labels, (_, track) => track).sort((a, b) => (distances[a] ?? 0) - (distances[b] ?? 0));
  return Array.from(order.subarray(0, N_NEAREST), (track) => labels[track] ?? 0);
}

/** Number of occurrences of each label, `[nLabels]`. */
function countLabels(labels: ArrayLike<number>, nLabels: number): number[] {
  const counts = new Array<number>(nLabels).fill(0);
  for (const label of Array.from(labels)) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

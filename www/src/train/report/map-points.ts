import { mapScale } from 'tonearm/page';
import type { ProjectFile, TrainResult } from 'tonearm/project';

/** A file on the map. `x` and `y` are in 0..1, from the left and from the top. */
export interface MapPoint {
  /** File index. */
  file: number;
  /** Class index. */
  class: number;
  /** Whether the file is in the validation set. */
  isValidation: boolean;
  x: number;
  y: number;
}

/** The files that a run used, sorted by class and then by index. */
export function mapPoints({ coordinates, train, validation }: Pick<TrainResult, 'coordinates' | 'train' | 'validation'>, files: ProjectFile[]): MapPoint[] {
  const validationSet = new Set(validation);
  const used = [...new Set([...train, ...validation])];
  const toSquare = mapScale(used.flatMap((file) => coordinates[file] ?? []));
  return used
    .flatMap((file) => {
      const [position, known] = [coordinates[file], files[file]];
      if (!position || !known) return [];
      const [x, y] = toSquare(...position);
      return [{ file, class: known.class, isValidation: validationSet.has(file), x, y }];
    })
    .sort((a, b) => a.class - b.class || a.file - b.file);
}

/** The nearest point within `maxDistance`, other than `except`. */
export function nearestPoint(points: MapPoint[], x: number, y: number, maxDistance = Infinity, except?: MapPoint): MapPoint | undefined {
  let [nearest, shortest]: [MapPoint | undefined, number] = [undefined, maxDistance];
  for (const point of points) {
    const distance = Math.hypot(point.x - x, point.y - y);
    if (distance <= shortest && point !== except) [nearest, shortest] = [point, distance];
  }
  return nearest;
}

/** Index of the point that a key moves to, or undefined if it is not a navigation key. */
export function pointByKey(points: MapPoint[], current: number, key: string): number | undefined {
  const last = points.length - 1;
  switch (key) {
    case 'ArrowRight': case 'ArrowDown': return Math.min(current + 1, last);
    case 'ArrowLeft': case 'ArrowUp': return Math.max(current - 1, 0);
    case 'Home': return 0;
    case 'End': return last;
    case 'PageDown': return firstOfClass(points, current, 1);
    case 'PageUp': return firstOfClass(points, current, -1);
    default: return undefined;
  }
}

/** Index of the first point of the next or the previous class. */
function firstOfClass(points: MapPoint[], current: number, step: 1 | -1): number {
  const classes = [...new Set(points.map((point) => point.class))];
  const at = classes.indexOf(points[current]?.class ?? -1) + step;
  const target = classes[Math.min(Math.max(at, 0), classes.length - 1)];
  return points.findIndex((point) => point.class === target);
}

/** SVG path of a mark. `round` selects its shape: each reuse of the colours has another one. */
export function markPath(round: number, x: number, y: number, radius: number): string {
  const [r, s] = [radius, radius * 0.9];
  switch (round % 4) {
    case 0: return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
    case 1: return `M${x - s} ${y - s}h${2 * s}v${2 * s}h${-2 * s}Z`;
    case 2: return `M${x} ${y - 1.2 * r}l${1.2 * r} ${1.2 * r}l${-1.2 * r} ${1.2 * r}l${-1.2 * r} ${-1.2 * r}Z`;
    default: return `M${x} ${y - 1.2 * r}l${1.2 * r} ${2.1 * r}h${-2.4 * r}Z`;
  }
}

import type { ProjectFile, TrainResult } from 'tonearm/project';

/** A file on the map; `x` and `y` are in 0..1, from the left and from the top. */
export interface MapPoint {
  file: number;
  class: number;
  /** Whether it was kept back, so that the answer for it was measured. */
  kept: boolean;
  x: number;
  y: number;
}

/** The files that a run used and that the project still has, by class and then in their own order. */
export function mapPoints({ places, train, validation }: Pick<TrainResult, 'places' | 'train' | 'validation'>, files: ProjectFile[]): MapPoint[] {
  const kept = new Set(validation);
  const used = [...new Set([...train, ...validation])];
  const at = scale(used.flatMap((file) => (places[file] ? [places[file]] : [])));
  return used
    .flatMap((file) => {
      const [place, known] = [places[file], files[file]];
      return place && known ? [{ file, class: known.class, kept: kept.has(file), ...at(place) }] : [];
    })
    .sort((a, b) => a.class - b.class || a.file - b.file);
}

/** From the run's own coordinates to shares of a square, which they fill in one direction. */
function scale(places: [number, number][]): (place: [number, number]) => { x: number; y: number } {
  const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
  const [left, right, low, high] = [least(xs), -least(xs.map((x) => -x)), least(ys), -least(ys.map((y) => -y))];
  const side = Math.max(right - left, high - low) || 1;
  const share = (value: number, middle: number) => 0.5 + (value - middle) / side;
  return ([x, y]) => ({ x: share(x, (left + right) / 2), y: 1 - share(y, (low + high) / 2) });
}

function least(values: number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

/** The point nearest to a place, if one is within `reach`; `except` does not count. */
export function nearestPoint(points: MapPoint[], x: number, y: number, reach = Infinity, except?: MapPoint): MapPoint | undefined {
  let [nearest, least]: [MapPoint | undefined, number] = [undefined, reach];
  for (const point of points) {
    const distance = Math.hypot(point.x - x, point.y - y);
    if (distance <= least && point !== except) [nearest, least] = [point, distance];
  }
  return nearest;
}

/** Where a key leads from the `current` of the points; undefined for a key that leads nowhere. */
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

/** The first point of the next class or the one before. */
function firstOfClass(points: MapPoint[], current: number, step: 1 | -1): number {
  const classes = [...new Set(points.map((point) => point.class))];
  const at = classes.indexOf(points[current]?.class ?? -1) + step;
  const wanted = classes[Math.min(Math.max(at, 0), classes.length - 1)];
  return points.findIndex((point) => point.class === wanted);
}

/** Outlines of a mark: when the colours come again, the next shape is taken. */
export function markPath(round: number, x: number, y: number, radius: number): string {
  const [r, s] = [radius, radius * 0.9];
  switch (round % 4) {
    case 0: return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
    case 1: return `M${x - s} ${y - s}h${2 * s}v${2 * s}h${-2 * s}Z`;
    case 2: return `M${x} ${y - 1.2 * r}l${1.2 * r} ${1.2 * r}l${-1.2 * r} ${1.2 * r}l${-1.2 * r} ${-1.2 * r}Z`;
    default: return `M${x} ${y - 1.2 * r}l${1.2 * r} ${2.1 * r}h${-2.4 * r}Z`;
  }
}

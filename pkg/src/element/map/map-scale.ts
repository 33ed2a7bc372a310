/**
 * Returns a function that converts the coordinates of a map to fractions of a square, from its left and from its top.
 * The points fill the square in at least one direction and keep their proportions.
 *
 * # Shapes
 * - `coordinates`: `[nPoints][2]`, flattened
 */
export function mapScale(coordinates: ArrayLike<number>): (x: number, y: number) => [number, number] {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i + 1 < coordinates.length; i += 2) {
    const [x, y] = [coordinates[i] ?? 0, coordinates[i + 1] ?? 0];
    [left, right, low, high] = [Math.min(left, x), Math.max(right, x), Math.min(low, y), Math.max(high, y)];
  }
  const side = Math.max(right - left, high - low) || 1;
  const fraction = (value: number, middle: number) => 0.5 + (value - middle) / side;
  return (x, y) => [fraction(x, (left + right) / 2), 1 - fraction(y, (low + high) / 2)];
}

/** Rows of numbers, and the class of each row. */
export interface Table {
  rows: number[][];
  classes: number[];
}

/** Weight of the L2 penalty: small enough not to matter, and large enough to make the solution unique. */
const PENALTY = 1e-3;

/** Largest number of steps. {@link fit} throws if it has not converged by then. */
const STEPS = 20_000;

/** Largest gradient component at which the fit counts as converged. */
const GRADIENT_TOLERANCE = 1e-6;

/** Predicts the class of a row. */
export type Classify = (row: number[]) => number;

/**
 * Fits a multinomial logistic regression with Nesterov's accelerated gradient descent, on standardised rows.
 *
 * Throws if it does not converge.
 */
export function fit({ rows, classes }: Table): Classify {
  const standardise = standardiser(rows);
  const inputs = rows.map(standardise);
  const [width, n] = [inputs[0]!.length, Math.max(...classes) + 1];
  // The curvature of the loss is at most half the mean squared norm of a row, and that norm is the width.
  const rate = 1 / (width / 2 + PENALTY);
  const momentum = (1 - Math.sqrt(PENALTY * rate)) / (1 + Math.sqrt(PENALTY * rate));

  let weights = new Float64Array(n * width);
  let ahead = weights;
  for (let step = 0; step < STEPS; step++) {
    const gradient = gradientOf(ahead, inputs, classes, n);
    if (Math.max(...gradient.map(Math.abs)) < GRADIENT_TOLERANCE) return (row) => indexOfMax(logits(ahead, standardise(row), n));
    const next = ahead.map((weight, i) => weight - rate * gradient[i]!);
    ahead = next.map((weight, i) => weight + momentum * (weight - weights[i]!));
    weights = next;
  }
  throw new Error('the regression has not converged');
}

/** Fraction of the rows that are classified correctly. */
export function accuracy(classify: Classify, { rows, classes }: Table): number {
  return rows.filter((row, i) => classify(row) === classes[i]).length / rows.length;
}

/** The numbers of a row, their squares and their pairwise products. */
export function withSquares(row: number[]): number[] {
  return [...row, ...row.flatMap((a, i) => row.slice(i).map((b) => a * b))];
}

/** Scales each column to mean 0 and standard deviation 1, and adds a column of ones. */
function standardiser(rows: number[][]): (row: number[]) => number[] {
  const columns = rows[0]!.map((_, c) => rows.map((row) => row[c]!));
  const means = columns.map(mean);
  const deviations = columns.map((column, c) => Math.sqrt(mean(column.map((value) => (value - means[c]!) ** 2))));
  return (row) => [1, ...row.map((value, c) => (value - means[c]!) / deviations[c]!)];
}

function gradientOf(weights: Float64Array, inputs: number[][], classes: number[], n: number): Float64Array {
  const gradient = weights.map((weight) => PENALTY * weight);
  for (const [i, input] of inputs.entries()) {
    const scores = logits(weights, input, n);
    const top = Math.max(...scores);
    const likelihoods = scores.map((score) => Math.exp(score - top));
    const total = likelihoods.reduce((a, b) => a + b);
    for (const [k, likelihood] of likelihoods.entries()) {
      const error = (likelihood / total - (classes[i] === k ? 1 : 0)) / inputs.length;
      for (const [c, value] of input.entries()) gradient[k * input.length + c]! += error * value;
    }
  }
  return gradient;
}

function logits(weights: Float64Array, input: number[], n: number): number[] {
  return Array.from({ length: n }, (_, k) => input.reduce((sum, value, c) => sum + value * weights[k * input.length + c]!, 0));
}

function indexOfMax(values: number[]): number {
  return values.indexOf(Math.max(...values));
}

function mean(values: number[]): number {
  return values.reduce((a, b) => a + b) / values.length;
}

/** A row of numbers for each thing, and the class of each. */
export interface Table {
  rows: number[][];
  classes: number[];
}

/** Weight of the penalty: too little to matter, and enough for there to be one best fit. */
const PENALTY = 1e-3;

/** Steps after which a fit is as good as it gets; {@link fit} checks that it is. */
const STEPS = 20_000;

/** Largest slope of the loss that counts as none. */
const FLAT = 1e-6;

/** Says the class of a row. */
export type Classify = (row: number[]) => number;

/**
 * A multinomial logistic regression, fitted to convergence by Nesterov's accelerated descent.
 *
 * The rows are standardised first. It throws if the loss still falls at the end.
 */
export function fit({ rows, classes }: Table): Classify {
  const standardise = standardiser(rows);
  const inputs = rows.map(standardise);
  const [width, n] = [inputs[0]!.length, Math.max(...classes) + 1];
  // The curvature of the loss is at most half the mean square of a row, which is its width.
  const rate = 1 / (width / 2 + PENALTY);
  const momentum = (1 - Math.sqrt(PENALTY * rate)) / (1 + Math.sqrt(PENALTY * rate));

  let weights = new Float64Array(n * width);
  let ahead = weights;
  for (let step = 0; step < STEPS; step++) {
    const slope = slopeOf(ahead, inputs, classes, n);
    if (Math.max(...slope.map(Math.abs)) < FLAT) return (row) => indexOfMax(logits(ahead, standardise(row), n));
    const next = ahead.map((weight, i) => weight - rate * slope[i]!);
    ahead = next.map((weight, i) => weight + momentum * (weight - weights[i]!));
    weights = next;
  }
  throw new Error('the regression has not converged');
}

/** Share of the rows that are classified rightly. */
export function accuracy(classify: Classify, { rows, classes }: Table): number {
  return rows.filter((row, i) => classify(row) === classes[i]).length / rows.length;
}

/** The numbers, their squares and their products. */
export function withSquares(row: number[]): number[] {
  return [...row, ...row.flatMap((a, i) => row.slice(i).map((b) => a * b))];
}

/** Brings each column to a mean of 0 and a deviation of 1, and adds one of ones. */
function standardiser(rows: number[][]): (row: number[]) => number[] {
  const columns = rows[0]!.map((_, c) => rows.map((row) => row[c]!));
  const means = columns.map(mean);
  const deviations = columns.map((column, c) => Math.sqrt(mean(column.map((value) => (value - means[c]!) ** 2))));
  return (row) => [1, ...row.map((value, c) => (value - means[c]!) / deviations[c]!)];
}

function slopeOf(weights: Float64Array, inputs: number[][], classes: number[], n: number): Float64Array {
  const slope = weights.map((weight) => PENALTY * weight);
  for (const [i, input] of inputs.entries()) {
    const scores = logits(weights, input, n);
    const top = Math.max(...scores);
    const likelihoods = scores.map((score) => Math.exp(score - top));
    const total = likelihoods.reduce((a, b) => a + b);
    for (const [k, likelihood] of likelihoods.entries()) {
      const error = (likelihood / total - (classes[i] === k ? 1 : 0)) / inputs.length;
      for (const [c, value] of input.entries()) slope[k * input.length + c]! += error * value;
    }
  }
  return slope;
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

import type { ClassMetrics, TrainResult, TrainSettings } from 'tonearm/project';
import { type TopPrediction, topPrediction } from './predictions.js';
import type { RunRecord } from '../store/records.js';

/** A run with a result. */
export type MeasuredRun = RunRecord & { result: TrainResult };

/** Two runs, or a value of each. */
export type Pair<T> = readonly [T, T];

/** The prediction of a run for a file, with the names of the classes. */
export interface ComparedPrediction extends Omit<TopPrediction, 'predicted'> {
  name: string;
  truth: string;
  predicted: string;
  correct: boolean;
}

/** A file for which two runs predict different classes, and at least one of them is wrong. */
export interface Disagreement {
  id: string;
  predictions: Pair<ComparedPrediction>;
}

/** Comparison of two runs, file by file. */
export interface Comparison {
  /** Number of files that both runs were tested on. */
  shared: number;
  /** Number of files that only one run was tested on. */
  only: Pair<number>;
  /** Whether both runs have the same classes, and the shared files have the same class in both. */
  sameLabels: boolean;
  /** Shared files with different predictions. Those that only the first run predicts correctly come first. */
  disagreements: Disagreement[];
  /** Number of disagreements in which only one run is correct. */
  better: Pair<number>;
}

/** Compares the predictions of two runs. */
export function compare([first, second]: Pair<MeasuredRun>): Comparison {
  const [ofFirst, ofSecond] = [predictionsOf(first), predictionsOf(second)];
  const shared = [...ofFirst].flatMap(([id, a]) => {
    const b = ofSecond.get(id);
    return b ? [{ id, predictions: [a, b] as const }] : [];
  });
  const disagreements = shared.filter(({ predictions: [a, b] }) => !(a.correct && b.correct) && a.predicted !== b.predicted);
  const rank = ({ predictions: [a, b] }: Disagreement) => (a.correct ? 0 : b.correct ? 1 : 2);
  return {
    shared: shared.length,
    only: [ofFirst.size - shared.length, ofSecond.size - shared.length],
    sameLabels: sameSet(labelsOf(first), labelsOf(second)) && shared.every(({ predictions: [a, b] }) => a.truth === b.truth),
    disagreements: disagreements.sort((a, b) => rank(a) - rank(b)),
    better: [disagreements.filter((each) => rank(each) === 0).length, disagreements.filter((each) => rank(each) === 1).length],
  };
}

/** Whether the metrics of two runs can be compared: both were tested on the same files with the same classes. */
export function isComparable({ shared, only, sameLabels }: Comparison): boolean {
  return shared > 0 && only[0] === 0 && only[1] === 0 && sameLabels;
}

/**
 * Two-sided sign test: the probability that two equally good models differ at least this much. The arguments are the
 * numbers of files that only the first or only the second model predicts correctly.
 */
export function signTest([a, b]: Pair<number>): number {
  const n = a + b;
  // The logarithm avoids underflow of the first terms if there are many files.
  let [term, sum] = [n * Math.log(0.5), 0];
  for (let k = 0; k <= Math.min(a, b); k++) {
    sum += Math.exp(term);
    term += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * sum);
}

/** Names of the settings that differ between two runs. */
export function changedSettings([first, second]: Pair<RunRecord>): (keyof TrainSettings)[] {
  const names = Object.keys({ ...first.settings, ...second.settings }) as (keyof TrainSettings)[];
  return names.filter((name) => first.settings[name] !== second.settings[name]);
}

/** Metrics of each class that at least one of the runs has. */
export function classesOf([first, second]: Pair<MeasuredRun>): { label: string; metrics: Pair<ClassMetrics | undefined> }[] {
  const of = ({ result }: MeasuredRun, label: string) => result.metrics.perClass.find((each) => each.label === label);
  const labels = new Set([...labelsOf(first), ...labelsOf(second)]);
  return [...labels].map((label) => ({ label, metrics: [of(first, label), of(second, label)] }));
}

function labelsOf({ result }: MeasuredRun): string[] {
  return result.metrics.perClass.map(({ label }) => label);
}

/** Predictions of a run, by file id. */
function predictionsOf(run: MeasuredRun): Map<string, ComparedPrediction> {
  const labels = labelsOf(run);
  return new Map(
    run.result.predictions.flatMap((filePrediction): [string, ComparedPrediction][] => {
      const file = run.files[filePrediction.file];
      if (!file) return [];
      const { predicted, confidence } = topPrediction(filePrediction);
      const prediction = { name: file.name, truth: labels[file.class] ?? '', predicted: labels[predicted] ?? '', confidence, correct: predicted === file.class };
      return [[file.id, prediction]];
    }),
  );
}

function sameSet(a: string[], b: string[]): boolean {
  return new Set([...a, ...b]).size === a.length && a.length === b.length;
}

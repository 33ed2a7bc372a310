import type { ClassMetrics, TrainResult, TrainSettings } from 'tonearm/project';
import { type Top, topOf } from './predictions.js';
import type { RunRecord } from '../store/records.js';

/** A run with a result. */
export type MeasuredRun = RunRecord & { result: TrainResult };

/** Two runs, or what each of them has. */
export type Pair<T> = readonly [T, T];

/** What a run answered for a file that it was measured on, in names of classes. */
export interface Verdict extends Omit<Top, 'answer'> {
  name: string;
  truth: string;
  answer: string;
  right: boolean;
}

/** A file that both were measured on, and that at least one has wrong. */
export interface Disagreement {
  id: string;
  verdicts: Pair<Verdict>;
}

/** What two runs came to, file by file. */
export interface Comparison {
  /** Files that both were measured on. */
  both: number;
  /** Files that only the one was measured on. */
  only: Pair<number>;
  /** Both tell the same classes apart, and hold the same of each file. */
  sameTruth: boolean;
  /** Files of both on which the answers differ, those first that only the first has right. */
  disagreements: Disagreement[];
  /** How many of them only the one has right. */
  better: Pair<number>;
}

/** Compares the answers of two runs. */
export function compare([first, second]: Pair<MeasuredRun>): Comparison {
  const [one, other] = [verdictsOf(first), verdictsOf(second)];
  const shared = [...one].flatMap(([id, verdict]) => {
    const against = other.get(id);
    return against ? [{ id, verdicts: [verdict, against] as const }] : [];
  });
  const disagreements = shared.filter(({ verdicts: [a, b] }) => !(a.right && b.right) && a.answer !== b.answer);
  const rank = ({ verdicts: [a, b] }: Disagreement) => (a.right ? 0 : b.right ? 1 : 2);
  return {
    both: shared.length,
    only: [one.size - shared.length, other.size - shared.length],
    sameTruth: sameSet(labelsOf(first), labelsOf(second)) && shared.every(({ verdicts: [a, b] }) => a.truth === b.truth),
    disagreements: disagreements.sort((a, b) => rank(a) - rank(b)),
    better: [disagreements.filter((each) => rank(each) === 0).length, disagreements.filter((each) => rank(each) === 1).length],
  };
}

/** Whether figures of both are of the same question: the same files, and the same truth of each. */
export function sameQuestion({ both, only, sameTruth }: Comparison): boolean {
  return both > 0 && only[0] === 0 && only[1] === 0 && sameTruth;
}

/**
 * How likely a difference at least as large is between two networks that are equally good: the sign
 * test on the files that only one of them has right.
 */
export function byChance([a, b]: Pair<number>): number {
  const n = a + b;
  // In logarithms: of many files, the first terms are smaller than any number.
  let [term, sum] = [n * Math.log(0.5), 0];
  for (let k = 0; k <= Math.min(a, b); k++) {
    sum += Math.exp(term);
    term += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * sum);
}

/** Names of the settings that differ. */
export function changedSettings([first, second]: Pair<RunRecord>): (keyof TrainSettings)[] {
  const names = Object.keys({ ...first.settings, ...second.settings }) as (keyof TrainSettings)[];
  return names.filter((name) => first.settings[name] !== second.settings[name]);
}

/** The figures of each class that one of them tells, by name. */
export function classesOf([first, second]: Pair<MeasuredRun>): { label: string; figures: Pair<ClassMetrics | undefined> }[] {
  const of = ({ result }: MeasuredRun, label: string) => result.metrics.per_class.find((each) => each.label === label);
  const labels = new Set([...labelsOf(first), ...labelsOf(second)]);
  return [...labels].map((label) => ({ label, figures: [of(first, label), of(second, label)] }));
}

function labelsOf({ result }: MeasuredRun): string[] {
  return result.metrics.per_class.map(({ label }) => label);
}

/** What a run answered, by the ids of its files. */
function verdictsOf(run: MeasuredRun): Map<string, Verdict> {
  const labels = labelsOf(run);
  return new Map(
    run.result.answers.flatMap((given): [string, Verdict][] => {
      const file = run.files[given.file];
      if (!file) return [];
      const { answer, confidence } = topOf(given);
      const verdict = { name: file.name, truth: labels[file.class] ?? '', answer: labels[answer] ?? '', confidence, right: answer === file.class };
      return [[file.id, verdict]];
    }),
  );
}

function sameSet(one: string[], other: string[]): boolean {
  return new Set([...one, ...other]).size === one.length && one.length === other.length;
}

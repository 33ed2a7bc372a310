import { expect, test } from '@playwright/test';
import { type MeasuredRun, signTest, changedSettings, classesOf, compare, isComparable } from '../../../../www/src/train/report/comparison.js';
import { newRun } from '../../support/training.js';

/** A run on files `[id, class, predicted class]`. Files without a prediction were not tested. */
function runOn(labels: string[], files: [id: string, truth: number, predicted?: number][]): MeasuredRun {
  const run = newRun('project', []);
  const predictions = files.flatMap(([, , predicted], file) =>
    predicted === undefined ? [] : [{ file, probabilities: labels.map((_, label) => (label === predicted ? 0.7 : 0.3 / (labels.length - 1))) }],
  );
  const perClass = labels.map((label, place) => ({ label, n: files.filter(([, truth]) => truth === place).length, precision: 0, recall: 0, f1: place / 4 }));
  const metrics = { n: predictions.length, top1: 0, top3: 0, balanced: 0, macroF1: 0, ece: 0, logLoss: 0, confusion: [], perClass };
  return {
    ...run,
    files: files.map(([id, truth]) => ({ id, name: `${id}.mp3`, class: truth })),
    result: { train: [], validation: [], predictions, metrics, reliability: [], interval: [0, 1], coordinates: [], keptEpoch: 1, firstLoss: 0, notes: [] },
  } as MeasuredRun;
}

const labels = ['Dub', 'Polka'];

test('files are matched by id, not by index', () => {
  const first = runOn(labels, [['a', 0, 0], ['b', 1, 1], ['c', 1, 0]]);
  // The same files after classes and examples were put in another order.
  const second = runOn(['Polka', 'Dub'], [['c', 0, 0], ['a', 1, 0], ['b', 0, 0]]);
  const found = compare([first, second]);
  expect([found.shared, found.only, found.sameLabels, isComparable(found)]).toEqual([3, [0, 0], true, true]);
  expect(found.better).toEqual([1, 1]);
  expect(found.disagreements).toEqual([
    { id: 'a', predictions: [
      { name: 'a.mp3', truth: 'Dub', predicted: 'Dub', confidence: 0.7, correct: true },
      { name: 'a.mp3', truth: 'Dub', predicted: 'Polka', confidence: 0.7, correct: false },
    ] },
    { id: 'c', predictions: [
      { name: 'c.mp3', truth: 'Polka', predicted: 'Dub', confidence: 0.7, correct: false },
      { name: 'c.mp3', truth: 'Polka', predicted: 'Polka', confidence: 0.7, correct: true },
    ] },
  ]);
});

test('runs that were tested on different files are not comparable', () => {
  const found = compare([runOn(labels, [['a', 0, 0], ['b', 1]]), runOn(labels, [['a', 0], ['b', 1, 1], ['c', 1, 1]])]);
  expect([found.shared, found.only, isComparable(found)]).toEqual([0, [1, 2], false]);
});

test('runs are not comparable if a file changed its class or a class was renamed between them', () => {
  const run = runOn(labels, [['a', 0, 0], ['b', 1, 1]]);
  for (const other of [runOn(labels, [['a', 1, 1], ['b', 1, 1]]), runOn(['Dub', 'Waltz'], [['a', 0, 0], ['b', 1, 1]])]) {
    const found = compare([run, other]);
    expect([found.shared, found.sameLabels, isComparable(found)]).toEqual([2, false, false]);
    // Both runs are correct with respect to their own classes.
    expect(found.disagreements).toEqual([]);
  }
});

test('the sign test gives the exact two-sided probability', () => {
  expect(signTest([0, 0])).toBe(1);
  expect(signTest([3, 3])).toBe(1);
  expect(signTest([0, 5])).toBeCloseTo(2 / 32, 12);
  expect(signTest([8, 2])).toBeCloseTo((2 * (1 + 10 + 45)) / 1024, 12);
  // 0.5 to the power of this many files underflows.
  expect(signTest([2000, 2001])).toBeCloseTo(1, 6);
  expect(signTest([1800, 2200])).toBeLessThan(1e-9);
});

test('only settings that differ are listed', () => {
  const run = runOn(labels, []);
  expect(changedSettings([run, run])).toEqual([]);
  expect(changedSettings([run, { ...run, settings: { ...run.settings, seed: 2, recipe: 'cnn' } }])).toEqual(['recipe', 'seed']);
});

test('a class that only one run has is listed without metrics of the other run', () => {
  const classes = classesOf([runOn(['Dub', 'Polka'], []), runOn(['Polka', 'Waltz'], [])]);
  expect(classes.map(({ label, metrics }) => [label, ...metrics.map((each) => each?.f1)])).toEqual([
    ['Dub', 0, undefined],
    ['Polka', 0.25, 0],
    ['Waltz', undefined, 0.25],
  ]);
});

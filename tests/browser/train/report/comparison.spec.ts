import { expect, test } from '@playwright/test';
import { type MeasuredRun, byChance, changedSettings, classesOf, compare, sameQuestion } from '../../../../www/src/train/report/comparison.js';
import { newRun } from '../../support/training.js';

/** A run on files `[id, class, answer]` of the classes given, that were all kept back but those without an answer. */
function runOn(labels: string[], files: [id: string, truth: number, answer?: number][]): MeasuredRun {
  const run = newRun('project', []);
  const answers = files.flatMap(([, , answer], file) =>
    answer === undefined ? [] : [{ file, probabilities: labels.map((_, label) => (label === answer ? 0.7 : 0.3 / (labels.length - 1))) }],
  );
  const per_class = labels.map((label, place) => ({ label, n: files.filter(([, truth]) => truth === place).length, precision: 0, recall: 0, f1: place / 4 }));
  const metrics = { n: answers.length, top1: 0, top3: 0, balanced: 0, macro_f1: 0, ece: 0, log_loss: 0, confusion: [], per_class };
  return {
    ...run,
    files: files.map(([id, truth]) => ({ id, name: `${id}.mp3`, class: truth })),
    result: { train: [], validation: [], answers, metrics, reliability: [], interval: [0, 1], places: [], kept_epoch: 1, first_loss: 0, notes: [] },
  } as MeasuredRun;
}

const labels = ['Dub', 'Polka'];

test('files are compared by what they are, not by where they stand', () => {
  const first = runOn(labels, [['a', 0, 0], ['b', 1, 1], ['c', 1, 0]]);
  // The same files after classes and examples were put in another order.
  const second = runOn(['Polka', 'Dub'], [['c', 0, 0], ['a', 1, 0], ['b', 0, 0]]);
  const found = compare([first, second]);
  expect([found.both, found.only, found.sameTruth, sameQuestion(found)]).toEqual([3, [0, 0], true, true]);
  expect(found.better).toEqual([1, 1]);
  expect(found.disagreements).toEqual([
    { id: 'a', verdicts: [
      { name: 'a.mp3', truth: 'Dub', answer: 'Dub', confidence: 0.7, right: true },
      { name: 'a.mp3', truth: 'Dub', answer: 'Polka', confidence: 0.7, right: false },
    ] },
    { id: 'c', verdicts: [
      { name: 'c.mp3', truth: 'Polka', answer: 'Dub', confidence: 0.7, right: false },
      { name: 'c.mp3', truth: 'Polka', answer: 'Polka', confidence: 0.7, right: true },
    ] },
  ]);
});

test('runs that were measured on other files are not asked the same', () => {
  const found = compare([runOn(labels, [['a', 0, 0], ['b', 1]]), runOn(labels, [['a', 0], ['b', 1, 1], ['c', 1, 1]])]);
  expect([found.both, found.only, sameQuestion(found)]).toEqual([0, [1, 2], false]);
});

test('nor are runs between which a file was moved to another class, or a class renamed', () => {
  const run = runOn(labels, [['a', 0, 0], ['b', 1, 1]]);
  for (const other of [runOn(labels, [['a', 1, 1], ['b', 1, 1]]), runOn(['Dub', 'Waltz'], [['a', 0, 0], ['b', 1, 1]])]) {
    const found = compare([run, other]);
    expect([found.both, found.sameTruth, sameQuestion(found)]).toEqual([2, false, false]);
    // Both are right by their own classes.
    expect(found.disagreements).toEqual([]);
  }
});

test('how likely a difference comes by chance is what the sign test says', () => {
  expect(byChance([0, 0])).toBe(1);
  expect(byChance([3, 3])).toBe(1);
  expect(byChance([0, 5])).toBeCloseTo(2 / 32, 12);
  expect(byChance([8, 2])).toBeCloseTo((2 * (1 + 10 + 45)) / 1024, 12);
  // More files than half to their power is a number for.
  expect(byChance([2000, 2001])).toBeCloseTo(1, 6);
  expect(byChance([1800, 2200])).toBeLessThan(1e-9);
});

test('only settings that differ are told', () => {
  const run = runOn(labels, []);
  expect(changedSettings([run, run])).toEqual([]);
  expect(changedSettings([run, { ...run, settings: { ...run.settings, seed: 2, recipe: 'cnn' } }])).toEqual(['recipe', 'seed']);
});

test('a class that only one run knows stands beside nothing', () => {
  const classes = classesOf([runOn(['Dub', 'Polka'], []), runOn(['Polka', 'Waltz'], [])]);
  expect(classes.map(({ label, figures }) => [label, ...figures.map((each) => each?.f1)])).toEqual([
    ['Dub', 0, undefined],
    ['Polka', 0.25, 0],
    ['Waltz', undefined, 0.25],
  ]);
});

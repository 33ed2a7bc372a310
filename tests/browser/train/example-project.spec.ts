import { expect, test } from '@playwright/test';
import { CLIPS_PER_CLASS, type ClipPlan, EXAMPLE_CLASSES, EXAMPLE_SEED, type ExampleClip, planExample, renderClip } from '../../../www/src/train/example/example-project.js';
import { type Table, accuracy, fit, withSquares } from '../support/regression.js';
import { type Measures, measure } from '../support/sound-measures.js';

/** The shipped one, and others, so that it is not luck. */
const SEEDS = [EXAMPLE_SEED, 2, 3];

/** Projects by seed, each made and measured once. */
const projects = new Map<number, Measured[]>();

interface Measured {
  clip: ExampleClip;
  measures: Measures;
}

function project(seed: number): Measured[] {
  const made = projects.get(seed) ?? makeProject(seed);
  projects.set(seed, made);
  return made;
}

function makeProject(seed: number): Measured[] {
  const clips: Measured[] = [];
  for (const clip of planExample(seed).map(renderClip)) clips.push({ clip, measures: measure(clip.samples, clip.sampleRate) });
  return clips;
}

/** What a regression on these numbers gets right: of the clips that it was fitted on, and of the others. */
function regress(clips: Measured[], numbersOf: (measured: Measured) => number[]): { train: number; validation: number } {
  const table = (role: string): Table => {
    const chosen = clips.filter(({ clip }) => clip.role === role);
    return { rows: chosen.map(numbersOf), classes: chosen.map(({ clip }) => EXAMPLE_CLASSES.indexOf(clip.className)) };
  };
  const classify = fit(table('train'));
  return { train: accuracy(classify, table('train')), validation: accuracy(classify, table('validation')) };
}

/** What is fitted: the numbers, and those with their squares and products. */
const EXPANSIONS = [['', (row: number[]) => row], [', squared too,', withSquares]] as const;

for (const [how, expand] of EXPANSIONS) {
  for (const seed of SEEDS) {
    test(`loudness and the centroid${how} do not tell the classes of seed ${seed} apart`, async () => {
      const right = regress(project(seed), ({ measures }) => expand([measures.loudness, measures.centroid]));
      expect(right.train).toBeLessThan(0.5);
      expect(right.validation).toBeLessThan(0.5);
    });
  }

  // It is not what the clips are made equal in; of other seeds it finds up to 58 % of the training clips.
  test(`loudness and the overall centroid${how} do not tell the shipped classes apart`, async () => {
    const right = regress(project(EXAMPLE_SEED), ({ measures }) => expand([measures.loudness, measures.overallCentroid]));
    expect(right.train).toBeLessThan(0.5);
    expect(right.validation).toBeLessThan(0.5);
  });
}

test('the same regression tells the classes apart by what sets them apart', async () => {
  const right = regress(project(EXAMPLE_SEED), ({ measures }) => [measures.flatness, measures.unrest, measures.flux]);
  expect(right.train).toBeGreaterThan(0.9);
  expect(right.validation).toBeGreaterThan(0.9);
});

test('the same regression finds classes that leak into the loudness', async () => {
  const right = regress(project(EXAMPLE_SEED), ({ clip, measures }) => [
    measures.loudness / 100 + EXAMPLE_CLASSES.indexOf(clip.className),
    measures.centroid,
  ]);
  expect(right.train).toBeGreaterThan(0.9);
  expect(right.validation).toBeGreaterThan(0.9);
});

test('each class has as many clips as another, for training and for validation', () => {
  const plans = planExample(EXAMPLE_SEED);
  for (const className of EXAMPLE_CLASSES) {
    for (const role of ['train', 'validation'] as const) {
      const chosen = plans.filter((plan) => plan.className === className && plan.role === role);
      expect(chosen, `${className}, ${role}`).toHaveLength(CLIPS_PER_CLASS[role]);
    }
  }
  expect(plans).toHaveLength(64);
  expect(new Set(plans.map(({ name }) => name)).size).toBe(64);
});

test('no validation clip shares pitch, tempo, seed or group with a training clip', () => {
  for (const seed of SEEDS) {
    const plans = planExample(seed);
    const training = plans.filter(({ role }) => role === 'train');
    const alike = plans
      .filter(({ role }) => role === 'validation')
      .flatMap((held) => training.filter((heard) => isAlike(held, heard)).map((heard) => `${held.name} and ${heard.name}`));
    expect(alike).toEqual([]);
    expect(new Set(plans.map((plan) => plan.seed)).size).toBe(plans.length);
    expect(new Set(training.map(({ group }) => group)).size).toBe(training.length);
  }
});

function isAlike(a: ClipPlan, b: ClipPlan): boolean {
  // Notes are whole semitones from the root, so roots that are not share no pitch in any octave.
  const pitch = Number.isInteger(a.root - b.root);
  // Twice as fast is the same beat.
  const tempo = [0.5, 1, 2].some((times) => a.beatsPerMinute === times * b.beatsPerMinute);
  return pitch || tempo || a.seed === b.seed || a.group === b.group;
}

test('a plan gives the same samples each time, and another seed gives others', () => {
  const [one, again, other] = [EXAMPLE_SEED, EXAMPLE_SEED, EXAMPLE_SEED + 1].map(planExample);
  expect(one).toEqual(again);
  for (const [i, plan] of one!.entries()) {
    if (i % 8 !== 0) continue;
    const bits = Buffer.from(renderClip(plan).samples.buffer);
    expect(bits.equals(Buffer.from(renderClip(again![i]!).samples.buffer)), plan.name).toBe(true);
    expect(bits.equals(Buffer.from(renderClip(other![i]!).samples.buffer)), plan.name).toBe(false);
    expect(bits.equals(Buffer.from(renderClip({ ...plan, seed: plan.seed + 1 }).samples.buffer)), plan.name).toBe(false);
  }
});

test('every clip is as loud as planned, about nine seconds long, and never clips', async () => {
  for (const { clip, measures } of project(EXAMPLE_SEED)) {
    expect(clip.samples.length / clip.sampleRate, clip.name).toBeGreaterThan(6);
    expect(clip.samples.length / clip.sampleRate, clip.name).toBeLessThan(12);
    expect(clip.samples.every((sample) => Math.abs(sample) <= 1), clip.name).toBe(true);
    expect(Math.abs(measures.loudness - clip.loudness), clip.name).toBeLessThan(0.1);
  }
});

import { Random } from './random.js';

/** The classes of the example project. */
export const EXAMPLE_CLASSES = ['Plucked strings', 'Bowed strings', 'Drum loops', 'Bells'] as const;

export type ExampleClass = (typeof EXAMPLE_CLASSES)[number];

/** Seed of the example project that the page creates. */
export const EXAMPLE_SEED = 1;

/** Number of clips of a class, by role. */
export const CLIPS_PER_CLASS = { train: 12, validation: 4 } as const;

export type ExampleRole = keyof typeof CLIPS_PER_CLASS;

/** Parameters from which a clip is synthesised. */
export interface ClipPlan {
  /** File name, such as `Plucked strings 03.wav`. */
  name: string;
  className: ExampleClass;
  role: ExampleRole;
  /**
   * Group for a split, in place of an artist. Each training clip has its own; the validation clips of a class share
   * one, so that they stay together.
   */
  group: string;
  /** Seed of everything that the other fields do not determine. */
  seed: number;
  /** Root of the key, in semitones above A2. Every pitch of the clip is a whole number of semitones from it. */
  root: number;
  beatsPerMinute: number;
  /** RMS level in dB relative to full scale. */
  loudness: number;
  /** Mean over time of the spectral centroid, in Hz. */
  centroid: number;
}

/** Range of the loudness, in dB. At its upper end, the peaks of drums are still below full scale. */
const LOUDNESS = [-37, -25] as const;

/** Range of the centroid, in Hz. It suits every class: bowed strings do not become shrill, nor drums dull. */
const CENTROID = [900, 2_800] as const;

/**
 * Roots and tempi by role. Validation clips are tuned a quarter tone apart from training clips and have tempi between
 * theirs, so a network cannot have seen their pitches or tempi in training.
 */
const LADDERS = {
  train: { root: (i: number) => i, beatsPerMinute: (i: number) => 72 + 6 * i },
  validation: { root: (i: number) => 1.5 + 3 * i, beatsPerMinute: (i: number) => 75 + 18 * i },
} as const;

/** All clips of the project, class by class, training clips first. */
export function planExample(seed: number): ClipPlan[] {
  const random = new Random(seed);
  // Every class gets the same levels, so that they carry no information about the class.
  const levels = { train: drawLevels(random, 'train'), validation: drawLevels(random, 'validation') };
  const firstSeed = Math.floor(random.next() * 2 ** 31);

  const plans: ClipPlan[] = [];
  for (const className of EXAMPLE_CLASSES) {
    let number = 0;
    for (const role of ['train', 'validation'] as const) {
      const indices = levels[role].map((_, i) => i);
      const roots = random.shuffled(indices).map(LADDERS[role].root);
      const tempi = random.shuffled(indices).map(LADDERS[role].beatsPerMinute);
      for (const [i, level] of random.shuffled(levels[role]).entries()) {
        number += 1;
        const title = `${className} ${String(number).padStart(2, '0')}`;
        plans.push({
          name: `${title}.wav`,
          className,
          role,
          group: role === 'train' ? title : `${className}, held back`,
          seed: firstSeed + plans.length,
          root: roots[i] ?? 0,
          beatsPerMinute: tempi[i] ?? 0,
          ...level,
        });
      }
    }
  }
  return plans;
}

function drawLevels(random: Random, role: ExampleRole) {
  return Array.from({ length: CLIPS_PER_CLASS[role] }, () => ({
    loudness: random.between(...LOUDNESS),
    centroid: random.between(...CENTROID),
  }));
}

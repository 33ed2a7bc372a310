import { Random } from './random.js';

/** The classes of the example project, by what plays. */
export const EXAMPLE_CLASSES = ['Plucked strings', 'Bowed strings', 'Drum loops', 'Bells'] as const;

export type ExampleClass = (typeof EXAMPLE_CLASSES)[number];

/** The seed of the project that the page items. */
export const EXAMPLE_SEED = 1;

/** Clips of a class, by role. */
export const CLIPS_PER_CLASS = { train: 12, validation: 4 } as const;

export type ExampleRole = keyof typeof CLIPS_PER_CLASS;

/** What a clip is to be made as, before it is. */
export interface ClipPlan {
  /** File name, such as `Plucked strings 03.wav`. */
  name: string;
  className: ExampleClass;
  role: ExampleRole;
  /**
   * Stands for the artist: a training clip has one of its own, the validation clips of a class
   * share one, which is to be held back as a whole.
   */
  group: string;
  /** Decides everything that the rest of the plan leaves open. */
  seed: number;
  /** Key: the root, in semitones above A2. Every pitch of the clip is whole semitones from it. */
  root: number;
  beatsPerMinute: number;
  /** How loud it is, in dB of the RMS below full scale. */
  loudness: number;
  /** Mean over time of the spectral centroid, in Hz. */
  centroid: number;
}

/** Range of the loudness, in dB: even the peaks of a drum stay below full scale. */
const LOUDNESS = [-37, -25] as const;

/** Range of the centroid, in Hz: bowed strings need not be made shrill for it, nor drums dull. */
const CENTROID = [900, 2_800] as const;

/**
 * Keys and tempi by role. A clip of the validation set is tuned a quarter-tone off the training
 * set's and lies between two of its tempi, so no network can have heard its pitches or its beat.
 */
const LADDERS = {
  train: { root: (i: number) => i, beatsPerMinute: (i: number) => 72 + 6 * i },
  validation: { root: (i: number) => 1.5 + 3 * i, beatsPerMinute: (i: number) => 75 + 18 * i },
} as const;

/** All clips of the project, class by class, training clips first. */
export function planExample(seed: number): ClipPlan[] {
  const random = new Random(seed);
  // Drawn once and handed to every class, so that they tell nothing of the class.
  const levels = { train: drawLevels(random, 'train'), validation: drawLevels(random, 'validation') };
  const firstSeed = Math.floor(random.next() * 2 ** 31);

  const plans: ClipPlan[] = [];
  for (const className of EXAMPLE_CLASSES) {
    let number = 0;
    for (const role of ['train', 'validation'] as const) {
      const places = levels[role].map((_, i) => i);
      const roots = random.shuffled(places).map(LADDERS[role].root);
      const tempi = random.shuffled(places).map(LADDERS[role].beatsPerMinute);
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

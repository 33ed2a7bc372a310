import type { Random } from './random.js';

const A2 = 110;

/** Chord progressions. A chord is its root, third and fifth, in semitones above the root of the key. */
const PROGRESSIONS: readonly [Chord[], ...Chord[][]] = [
  [[0, 3, 7], [-4, 0, 3], [3, 7, 10], [-2, 2, 5]],
  [[0, 4, 7], [7, 11, 14], [9, 12, 16], [5, 9, 12]],
  [[0, 4, 7], [-3, 0, 4], [5, 9, 12], [7, 11, 14]],
  [[0, 3, 7], [5, 8, 12], [-2, 2, 5], [3, 7, 10]],
  [[0, 4, 7], [5, 9, 12], [2, 5, 9], [7, 11, 14]],
  [[0, 3, 7], [3, 7, 10], [5, 8, 12], [7, 10, 14]],
];

export type Chord = readonly [number, number, number];

/** The major and the minor pentatonic scale, in which any notes sound consonant together. */
const SCALES: readonly [number[], number[]] = [[0, 2, 4, 7, 9], [0, 3, 5, 7, 10]];

/** Frequency in Hz of a note, given in semitones above A2. */
export function hertz(semitones: number): number {
  return A2 * 2 ** (semitones / 12);
}

export function pickProgression(random: Random): Chord[] {
  return random.pick(PROGRESSIONS);
}

/** Two ascending octaves of a pentatonic scale, in semitones above the root. */
export function pickScale(random: Random): number[] {
  const scale = random.pick(SCALES);
  return [...scale, ...scale.map((note) => note + 12)];
}

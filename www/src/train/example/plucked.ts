import { type Chord, hertz, pickProgression } from './harmony.js';
import type { Random } from './random.js';
import { SAMPLE_RATE, type Tape } from './tape.js';

/** Arpeggio patterns, as indices of the notes of a chord, continued in the next octave. */
const PATTERNS: readonly [number[], ...number[][]] = [
  [0, 1, 2, 3, 4, 3, 2, 1],
  [0, 2, 1, 2, 3, 2, 1, 2],
  [0, 2, 3, 4, 3, 2, 4, 3],
  [0, 1, 3, 2, 4, 2, 3, 1],
];

/** Damping of high frequencies, in 0..0.5. */
const DAMPING = 0.2;

/** Parameters of plucked notes. */
interface Pluck {
  /** Pluck position, as a fraction of the string's length. Positions near the end sound thinner. */
  position: number;
  /** Time until a note has decayed by 60 dB, in seconds. */
  ring: number;
  /** Coefficient of the low-pass filter on the excitation, in 0..1. */
  softness: number;
}

/** Plays arpeggios of a guitar or harp in eighth notes, with one chord per bar. */
export function playPlucked(tape: Tape, root: number, random: Random) {
  const progression = pickProgression(random);
  const pattern = random.pick(PATTERNS);
  const params = { position: random.between(0.12, 0.35), ring: random.between(1.6, 2.4), softness: random.between(0.3, 0.7) };

  for (let eighth = 0; eighth < tape.beats * 2; eighth++) {
    const step = eighth % 8;
    const chord = progression[Math.floor(eighth / 8) % progression.length] ?? [0, 4, 7];
    const note = step === 0 ? chord[0] : noteOf(chord, pattern[step] ?? 0) + 12;
    const accent = step === 0 ? 1 : step === 4 ? 0.85 : random.between(0.5, 0.75);
    // Notes start up to 6 ms late, as when a person plays.
    const delay = random.between(0, 0.006) * SAMPLE_RATE;
    pluck(tape.samples, tape.at(eighth / 2) + Math.round(delay), hertz(root + note), accent, params, random);
  }
}

function noteOf(chord: Chord, index: number): number {
  return (chord[index % 3] ?? 0) + 12 * Math.floor(index / 3);
}

/**
 * Adds one note: a noise burst in a delay line with a low-pass filter in its feedback loop.
 *
 * # Source
 * Jaffe and Smith, "Extensions of the Karplus-Strong plucked-string algorithm", Computer Music
 * Journal 7(2), 1983: decay, pluck position, and an all-pass filter that tunes the string.
 */
function pluck(out: Float32Array, start: number, frequency: number, gain: number, params: Pluck, random: Random) {
  const period = SAMPLE_RATE / frequency;
  // The low-pass filter delays by `DAMPING` samples. The all-pass filter delays by the remaining fraction.
  const length = Math.floor(period - DAMPING - 0.1);
  const fraction = period - DAMPING - length;
  const tuning = (1 - fraction) / (1 + fraction);
  const loss = 10 ** (-3 / (params.ring * frequency));

  const line = excitation(length, params, random);
  const end = Math.min(start + Math.round(0.6 * params.ring * SAMPLE_RATE), out.length);
  const release = SAMPLE_RATE / 20;
  let index = 0;
  let before = 0;
  let tuned = 0;
  for (let i = start; i < end; i++) {
    const sample = line[index]!;
    const next = index + 1 === length ? 0 : index + 1;
    const mean = loss * (sample + DAMPING * (line[next]! - sample));
    tuned = tuning * (mean - tuned) + before;
    before = mean;
    line[index] = tuned;
    index = next;
    const left = end - i;
    out[i]! += left < release ? (gain * sample * left) / release : gain * sample;
  }
}

/** Initial content of the delay line: low-passed noise, comb-filtered by the pluck position. */
function excitation(length: number, { position, softness }: Pluck, random: Random): Float64Array {
  const noise = new Float64Array(length);
  let last = 0;
  for (let i = 0; i < length; i++) {
    last = softness * last + (1 - softness) * random.between(-1, 1);
    noise[i] = last;
  }
  const offset = Math.max(1, Math.round(position * length));
  return noise.map((value, i) => value - noise[(i + length - offset) % length]!);
}

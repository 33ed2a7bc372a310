import { type Chord, hertz, pickProgression } from './harmony.js';
import type { Random } from './random.js';
import { SAMPLE_RATE, type Tape } from './tape.js';

/** Orders in which the notes of a chord are plucked: places in the chord and its octave. */
const FIGURES: readonly [number[], ...number[][]] = [
  [0, 1, 2, 3, 4, 3, 2, 1],
  [0, 2, 1, 2, 3, 2, 1, 2],
  [0, 2, 3, 4, 3, 2, 4, 3],
  [0, 1, 3, 2, 4, 2, 3, 1],
];

/** In 0..0.5: how fast the highs of a string die. */
const DULLING = 0.2;

/** How the string is touched. */
interface Touch {
  /** Where along the string, as a part of its length: nearer the end is thinner. */
  place: number;
  /** Time until a note is 60 dB down, in seconds. */
  ring: number;
  /** In 0..1: how much of the last sample stays in the pluck, which softens it. */
  softness: number;
}

/** Arpeggios of a guitar or harp: eighth notes over a turn of chords, one chord a bar. */
export function playPlucked(tape: Tape, root: number, random: Random) {
  const progression = pickProgression(random);
  const figure = random.pick(FIGURES);
  const touch = { place: random.between(0.12, 0.35), ring: random.between(1.6, 2.4), softness: random.between(0.3, 0.7) };

  for (let eighth = 0; eighth < tape.beats * 2; eighth++) {
    const step = eighth % 8;
    const chord = progression[Math.floor(eighth / 8) % progression.length] ?? [0, 4, 7];
    const note = step === 0 ? chord[0] : noteOf(chord, figure[step] ?? 0) + 12;
    const accent = step === 0 ? 1 : step === 4 ? 0.85 : random.between(0.5, 0.75);
    // Fingers are a few milliseconds late.
    const late = random.between(0, 0.006) * SAMPLE_RATE;
    pluck(tape.samples, tape.at(eighth / 2) + Math.round(late), hertz(root + note), accent, touch, random);
  }
}

function noteOf(chord: Chord, place: number): number {
  return (chord[place % 3] ?? 0) + 12 * Math.floor(place / 3);
}

/**
 * Adds one note: a burst of noise that runs round a loop and loses its edges.
 *
 * # Source
 * Jaffe and Smith, "Extensions of the Karplus-Strong plucked-string algorithm", Computer Music
 * Journal 7(2), 1983: decay, place of the pluck, and an all-pass that tunes the string.
 */
function pluck(out: Float32Array, start: number, frequency: number, gain: number, touch: Touch, random: Random) {
  const period = SAMPLE_RATE / frequency;
  // The weighted mean of two samples delays by the second's weight, the all-pass by what is left.
  const length = Math.floor(period - DULLING - 0.1);
  const fraction = period - DULLING - length;
  const tuning = (1 - fraction) / (1 + fraction);
  const loss = 10 ** (-3 / (touch.ring * frequency));

  const line = excitation(length, touch, random);
  const end = Math.min(start + Math.round(0.6 * touch.ring * SAMPLE_RATE), out.length);
  const release = SAMPLE_RATE / 20;
  let place = 0;
  let before = 0;
  let tuned = 0;
  for (let i = start; i < end; i++) {
    const sample = line[place]!;
    const next = place + 1 === length ? 0 : place + 1;
    const mean = loss * (sample + DULLING * (line[next]! - sample));
    tuned = tuning * (mean - tuned) + before;
    before = mean;
    line[place] = tuned;
    place = next;
    const left = end - i;
    out[i]! += left < release ? (gain * sample * left) / release : gain * sample;
  }
}

/** What the finger leaves in the string: soft noise, less what its place cannot rouse. */
function excitation(length: number, { place, softness }: Touch, random: Random): Float64Array {
  const noise = new Float64Array(length);
  let last = 0;
  for (let i = 0; i < length; i++) {
    last = softness * last + (1 - softness) * random.between(-1, 1);
    noise[i] = last;
  }
  const offset = Math.max(1, Math.round(place * length));
  return noise.map((value, i) => value - noise[(i + length - offset) % length]!);
}

import { type Chord, hertz, pickProgression } from './harmony.js';
import type { Random } from './random.js';
import { SAMPLE_RATE, type Tape } from './tape.js';

/** Samples of the stored wave: so many that none need be interpolated, as the error is below the hiss. */
const WAVE = 4096;

/** Samples for which pitch and loudness stay as they are: a millisecond and a half. */
const BLOCK = 64;

/** How the bow is drawn. */
interface Bow {
  /** One period. */
  wave: Float32Array;
  /** Of the vibrato, in Hz. */
  rate: number;
  /** Of the vibrato, as a part of the pitch. */
  depth: number;
  /** Times until a note is there and until it is gone, in seconds. */
  attack: number;
  release: number;
}

/** A string section that holds chords, each two bars or one, with vibrato and a swell. */
export function playBowed(tape: Tape, root: number, random: Random) {
  const progression = pickProgression(random);
  const bow: Bow = {
    wave: sawtooth(random),
    rate: random.between(4.6, 6.2),
    depth: random.between(0.003, 0.007),
    attack: random.between(0.25, 0.6),
    release: random.between(0.4, 0.8),
  };
  const beats = random.pick([4, 4, 8]);
  for (let beat = 0; beat < tape.beats; beat += beats) {
    const chord = progression[(beat / beats) % progression.length] ?? [0, 4, 7];
    const length = Math.min(beats, tape.beats - beat) * tape.beat;
    for (const note of voicing(chord, random)) {
      // Two players, never quite at one; the bass plays alone.
      for (const cents of note === chord[0] ? [0] : [-5, 5]) {
        const pitch = hertz(root + note + (cents + random.between(-2, 2)) / 100);
        bowNote(tape.samples, tape.at(beat), length, pitch, bow, random);
      }
    }
  }
}

/** The root below, and the chord above in one of its inversions. */
function voicing(chord: Chord, random: Random): number[] {
  const [first, third, fifth] = chord;
  const upper = random.pick([[first, third, fifth], [third, fifth, first + 12], [fifth - 12, first, third]]);
  return [first, ...upper.map((note) => note + 12)];
}

/** One period of a bowed string: a sawtooth whose harmonics end before they could fold back. */
function sawtooth(random: Random): Float32Array {
  const wave = new Float32Array(WAVE);
  for (let harmonic = 1; harmonic <= 16; harmonic++) {
    const gain = random.between(0.5, 1) / harmonic ** 0.6;
    const phase = random.between(0, 2 * Math.PI);
    for (let i = 0; i < WAVE; i++) wave[i]! += gain * Math.sin((2 * Math.PI * harmonic * i) / WAVE + phase);
  }
  return wave;
}

function bowNote(out: Float32Array, start: number, length: number, frequency: number, bow: Bow, random: Random) {
  const { wave } = bow;
  const sounding = length / SAMPLE_RATE;
  const end = Math.min(start + Math.round(length + bow.release * SAMPLE_RATE), out.length);
  let phase = random.between(0, WAVE);
  const vibratoPhase = random.between(0, 1);
  let gain = 0;
  for (let block = start; block < end; block += BLOCK) {
    const seconds = (block - start) / SAMPLE_RATE;
    // The finger settles before it begins to shake.
    const depth = bow.depth * Math.min(1, seconds / 0.8);
    const step = ((frequency * WAVE) / SAMPLE_RATE) * (1 + depth * Math.sin(2 * Math.PI * (vibratoPhase + bow.rate * seconds)));
    const slope = (envelope(seconds + BLOCK / SAMPLE_RATE, sounding, bow) - gain) / BLOCK;
    const blockEnd = Math.min(block + BLOCK, end);
    for (let i = block; i < blockEnd; i++) {
      phase += step;
      if (phase >= WAVE) phase -= WAVE;
      gain += slope;
      out[i]! += gain * wave[phase | 0]!;
    }
  }
}

/** Up, a slow swell to the middle of the note and back, and down. */
function envelope(seconds: number, sounding: number, { attack, release }: Bow): number {
  const up = Math.min(1, seconds / attack);
  const down = Math.min(1, Math.max(0, 1 - (seconds - sounding) / release));
  const swell = 0.75 + 0.25 * Math.sin(Math.PI * Math.min(1, seconds / sounding));
  return up * down * swell;
}

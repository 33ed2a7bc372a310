import { type Chord, hertz, pickProgression } from './harmony.js';
import type { Random } from './random.js';
import { SAMPLE_RATE, type Tape } from './tape.js';

/** Length of the wavetable. It is long enough to need no interpolation: the error is below the background noise. */
const WAVE = 4096;

/** Number of samples between updates of pitch and loudness (1.5 ms). */
const BLOCK = 64;

/** Parameters of bowed notes. */
interface Bow {
  /** Wavetable of one period. */
  wave: Float32Array;
  /** Rate of the vibrato, in Hz. */
  rate: number;
  /** Depth of the vibrato, as a fraction of the frequency. */
  depth: number;
  /** Attack and release times, in seconds. */
  attack: number;
  release: number;
}

/** Plays chords of one or two bars with a string section, with vibrato and a swell. */
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
      // Two slightly detuned players per note, and one for the bass.
      for (const cents of note === chord[0] ? [0] : [-5, 5]) {
        const pitch = hertz(root + note + (cents + random.between(-2, 2)) / 100);
        bowNote(tape.samples, tape.at(beat), length, pitch, bow, random);
      }
    }
  }
}

/** Adds the root as a bass note below one of the chord's inversions. */
function voicing(chord: Chord, random: Random): number[] {
  const [first, third, fifth] = chord;
  const upper = random.pick([[first, third, fifth], [third, fifth, first + 12], [fifth - 12, first, third]]);
  return [first, ...upper.map((note) => note + 12)];
}

/** One period of a bowed string: a band-limited sawtooth. */
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
    // The vibrato sets in gradually.
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

/** Envelope of a note: attack, a slow swell to the middle of the note and back, and release. */
function envelope(seconds: number, sounding: number, { attack, release }: Bow): number {
  const up = Math.min(1, seconds / attack);
  const down = Math.min(1, Math.max(0, 1 - (seconds - sounding) / release));
  const swell = 0.75 + 0.25 * Math.sin(Math.PI * Math.min(1, seconds / sounding));
  return up * down * swell;
}

import { hertz, pickScale } from './harmony.js';
import type { Random } from './random.js';
import { SAMPLE_RATE, type Tape } from './tape.js';

/** Partials of a bell: frequency and gain relative to the strike note, and decay relative to that of the lowest partial. */
const PARTIALS = [
  { ratio: 0.56, gain: 1, ring: 1 },
  { ratio: 0.563, gain: 0.67, ring: 0.94 },
  { ratio: 0.92, gain: 1, ring: 0.77 },
  { ratio: 0.923, gain: 1.8, ring: 0.7 },
  { ratio: 1.19, gain: 2.67, ring: 0.51 },
  { ratio: 1.7, gain: 1.67, ring: 0.53 },
  { ratio: 2, gain: 1.46, ring: 0.44 },
  { ratio: 2.74, gain: 1.33, ring: 0.38 },
  { ratio: 3, gain: 1.33, ring: 0.32 },
  { ratio: 3.76, gain: 1, ring: 0.25 },
  { ratio: 4.07, gain: 1.33, ring: 0.21 },
  { ratio: 5.4, gain: 0.8, ring: 0.18 },
  { ratio: 7.6, gain: 0.6, ring: 0.13 },
] as const;

/** Parameters of a bell. */
interface Bell {
  /** Time until the lowest partial has decayed by 60 dB, in seconds. */
  ring: number;
  /** Factor on the frequency of each partial, which makes bells differ. */
  detune: number[];
}

/** Plays a slow melody on bells, with a strike every one or two beats. */
export function playBells(tape: Tape, root: number, random: Random) {
  const scale = pickScale(random);
  const bell = { ring: random.between(2.8, 4), detune: PARTIALS.map(() => random.between(0.985, 1.015)) };

  let degree = random.pick([2, 4, 5, 7]);
  for (let beat = 0; beat < tape.beats; beat += random.pick([1, 1.5, 2, 2])) {
    const onBar = beat % 4 === 0;
    strike(tape.samples, tape.at(beat), hertz(root + 24 + (scale[degree] ?? 0)), onBar ? 1 : random.between(0.5, 0.9), bell);
    if (onBar && random.chance(0.5)) strike(tape.samples, tape.at(beat), hertz(root + 12), 0.8, bell);
    degree = Math.min(scale.length - 1, Math.max(0, degree + random.pick([-3, -2, -1, 1, 2, 3])));
  }
}

/**
 * Adds one strike: a sum of sines, each with its own decay.
 *
 * # Source
 * Risset, *An Introductory Catalogue of Computer Synthesized Sounds*, Bell Laboratories 1969,
 * no. 430; ratios and gains as in Dodge and Jerse, *Computer Music*, 1985. The upper partials decay
 * more slowly than there, so that a strike is less impulsive.
 */
function strike(out: Float32Array, start: number, frequency: number, gain: number, bell: Bell) {
  for (const [p, partial] of PARTIALS.entries()) {
    const radians = (2 * Math.PI * frequency * partial.ratio * (bell.detune[p] ?? 1)) / SAMPLE_RATE;
    if (radians > 0.9 * Math.PI) continue;
    const samples = bell.ring * partial.ring * SAMPLE_RATE;
    const decay = 10 ** (-3 / samples);
    // A two-pole resonator generates the decaying sine with two multiplications per sample.
    const feedback = 2 * decay * Math.cos(radians);
    const loss = decay * decay;
    let before = 0;
    let sample = (0.1 * gain * partial.gain * decay) / partial.ratio * Math.sin(radians);
    // Beyond this point, the sine is quieter than the background noise.
    const end = Math.min(start + Math.round(0.7 * samples), out.length);
    for (let i = start; i < end; i++) {
      out[i]! += sample;
      const next = feedback * sample - loss * before;
      before = sample;
      sample = next;
    }
  }
}

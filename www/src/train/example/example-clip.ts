import { playBells } from './bells.js';
import { playBowed } from './bowed.js';
import { playDrums } from './drums.js';
import { setCentroid, setLoudness } from './equalise.js';
import type { ClipPlan, ExampleClass } from './plan.js';
import { playPlucked } from './plucked.js';
import { Random } from './random.js';
import { SAMPLE_RATE, Tape } from './tape.js';

/** A sound of the example project. */
export interface ExampleClip extends ClipPlan {
  /** Mono samples in -1..1. The clip lasts about nine seconds, a whole number of bars, so that it can be looped. */
  samples: Float32Array<ArrayBuffer>;
  /** Sample rate in Hz. */
  sampleRate: number;
}

type Play = (tape: Tape, root: number, random: Random) => void;

const PLAYERS: Record<ExampleClass, Play> = {
  'Plucked strings': playPlucked,
  'Bowed strings': playBowed,
  'Drum loops': playDrums,
  Bells: playBells,
};

/** Synthesises a clip. The same plan always gives the same samples. */
export function renderClip(plan: ClipPlan): ExampleClip {
  const tape = new Tape(plan.beatsPerMinute);
  PLAYERS[plan.className](tape, plan.root, new Random(plan.seed));
  const samples = tape.loop(plan.seed);
  setCentroid(samples, plan.centroid);
  setLoudness(samples, plan.loudness);
  return { ...plan, samples, sampleRate: SAMPLE_RATE };
}

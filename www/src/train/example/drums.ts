import { hertz } from './harmony.js';
import type { Random } from './random.js';
import { SAMPLE_RATE, type Tape } from './tape.js';

/** Sixteenths of a bar on which the drums play. */
interface Groove {
  low: number[];
  slap: number[];
}

const GROOVES: readonly [Groove, ...Groove[]] = [
  { low: [0, 8], slap: [4, 12] },
  { low: [0, 6, 8], slap: [4, 12] },
  { low: [0, 7, 10], slap: [4, 12] },
  { low: [0, 4, 8, 12], slap: [4, 12] },
  { low: [0, 3, 10], slap: [4, 12, 15] },
  { low: [0, 6, 10], slap: [8] },
];

/** Length of the reverb, in seconds. */
const ROOM_SECONDS = 0.6;

/** Delay of the first reflection, in samples (8 ms). */
const ROOM_DELAY = 353;

const ROOM_GAIN = 0.5;

/** Plays a groove of low drum, snare and shaker, with a fill on toms at the end of the last bar. */
export function playDrums(tape: Tape, root: number, random: Random) {
  const groove = random.pick(GROOVES);
  const low = drum({ from: hertz(root + 21), to: hertz(root + 12), seconds: 0.26, noise: 0.5 }, random);
  const snare = drum({ from: hertz(root + 24), to: hertz(root + 19), seconds: 0.25, noise: 0.88 }, random);
  const toms = [24, 19, 16].map((note) => drum({ from: hertz(root + note), to: hertz(root + note - 5), seconds: 0.3, noise: 0.5 }, random));
  const shaker = shake(random.between(0.1, 0.16), random);
  const step = random.pick([1, 2, 2]);
  const swing = random.pick([0, 0, 0.12, 0.2]);
  /** Beat of a sixteenth. Swing delays every second sixteenth. */
  const time = (bar: number, sixteenth: number) => bar * 4 + (sixteenth + (sixteenth % 2 === 1 ? swing : 0)) / 4;

  for (let bar = 0; bar < tape.bars; bar++) {
    const fill = bar === tape.bars - 1;
    for (const at of groove.low) tape.add(low, time(bar, at), 0.7);
    for (const at of groove.slap) if (!fill || at < 10) tape.add(snare, time(bar, at), 1.1);
    for (let at = 0; at < 16; at += step) tape.add(shaker, time(bar, at), (at % 4 === 0 ? 0.3 : 0.18) * random.between(0.8, 1));
    // Occasional ghost note.
    if (random.chance(0.5)) tape.add(snare, time(bar, random.pick([7, 9, 11])), 0.25);
    if (fill) for (const [i, at] of [10, 12, 13, 14, 15].entries()) tape.add(toms[Math.min(i, 2)] ?? low, time(bar, at), 0.7);
  }
}

/** Parameters of a drum sound: a falling tone and the noise of the snare wires. */
interface Skin {
  /** Frequency at the start, in Hz. */
  from: number;
  /** Frequency at the end, in Hz. */
  to: number;
  seconds: number;
  /** Fraction of noise, in 0..1. */
  noise: number;
}

function drum({ from, to, seconds, noise }: Skin, random: Random): Float32Array {
  const sound = new Float32Array(Math.round(seconds * SAMPLE_RATE));
  let phase = 0;
  for (let i = 0; i < sound.length; i++) {
    const t = i / SAMPLE_RATE;
    phase += (2 * Math.PI * (to + (from - to) * Math.exp(-t / 0.03))) / SAMPLE_RATE;
    const skin = Math.sin(phase) * Math.exp((-5 * t) / seconds);
    const wires = random.between(-1, 1) * Math.exp((-7 * t) / seconds);
    sound[i] = (1 - noise) * skin + noise * wires;
  }
  return inRoom(sound, random);
}

/** A shaker: low-passed noise with an attack and a decay. */
function shake(seconds: number, random: Random): Float32Array {
  const sound = new Float32Array(Math.round(seconds * SAMPLE_RATE));
  let soft = 0;
  for (let i = 0; i < sound.length; i++) {
    const t = i / sound.length;
    soft += 0.3 * (random.between(-1, 1) - soft);
    sound[i] = soft * Math.min(1, t / 0.15) * Math.exp(-5 * t);
  }
  return inRoom(sound, random);
}

/** Adds the reverb of a small room: decaying low-passed noise. */
function inRoom(sound: Float32Array, random: Random): Float32Array {
  const reverb = Math.round(ROOM_SECONDS * SAMPLE_RATE);
  const out = new Float32Array(sound.length + reverb);
  out.set(sound);
  let soft = 0;
  for (let i = 0; i < reverb; i++) {
    soft += 0.08 * (random.between(-1, 1) - soft);
    out[ROOM_DELAY + i]! += ROOM_GAIN * soft * Math.exp((-6 * i) / reverb);
  }
  return out;
}

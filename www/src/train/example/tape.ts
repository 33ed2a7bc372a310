/** Sample rate of the clips, in Hz: that of the mel pictures, so nothing is resampled. */
export const SAMPLE_RATE = 44_100;

const BEATS_PER_BAR = 4;

/** How long a clip is about; it ends with a bar. */
const SECONDS = 9;

/** Longest time that a note may ring on after the last bar, in seconds. */
const TAIL_SECONDS = 3;

/** Fade at both ends, in seconds, so that a clip that is played once does not click. */
const FADE_SECONDS = 0.008;

/** The tape's own noise, beside what is on it: -40 dB. It leaves no silence and no empty highs. */
const HISS = 0.01;

/** Whole bars of time, on which an instrument writes its notes. */
export class Tape {
  /** Time in samples per beat; not a whole number. */
  readonly beat: number;
  readonly bars: number;
  readonly beats: number;
  /** Mono samples: the bars, and room for the last notes to ring on. */
  readonly samples: Float32Array<ArrayBuffer>;
  readonly #loop: number;

  constructor(beatsPerMinute: number) {
    this.beat = (SAMPLE_RATE * 60) / beatsPerMinute;
    this.bars = Math.round((SECONDS * SAMPLE_RATE) / (this.beat * BEATS_PER_BAR));
    this.beats = this.bars * BEATS_PER_BAR;
    this.#loop = Math.round(this.beats * this.beat);
    this.samples = new Float32Array(this.#loop + Math.round(TAIL_SECONDS * SAMPLE_RATE));
  }

  /** Place of a beat, counted from 0, as a sample. */
  at(beat: number): number {
    return Math.round(beat * this.beat);
  }

  /** Adds a sound that begins on a beat. */
  add(sound: Float32Array, beat: number, gain: number) {
    const { samples } = this;
    const start = this.at(beat);
    const end = Math.min(start + sound.length, samples.length);
    for (let i = start; i < end; i++) samples[i]! += gain * sound[i - start]!;
  }

  /**
   * The bars, with what rings on after the last one laid under the first: a clip is repeated until
   * it is as long as a network wants it, and so the repeats join.
   */
  loop(seed: number): Float32Array<ArrayBuffer> {
    const loop = this.samples.slice(0, this.#loop);
    for (let i = this.#loop; i < this.samples.length; i++) loop[i - this.#loop]! += this.samples[i]!;
    let power = 0;
    for (let i = 0; i < loop.length; i++) power += loop[i]! * loop[i]!;
    const hiss = HISS * Math.sqrt((3 * power) / loop.length);
    // Its own generator, a congruential one: half a million numbers are wanted, and not good ones.
    let state = seed | 0;
    for (let i = 0; i < loop.length; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      loop[i]! += hiss * (state / 2 ** 31);
    }
    const fade = Math.round(FADE_SECONDS * SAMPLE_RATE);
    for (let i = 0; i < fade; i++) {
      loop[i]! *= i / fade;
      loop[loop.length - 1 - i]! *= i / fade;
    }
    return loop;
  }
}

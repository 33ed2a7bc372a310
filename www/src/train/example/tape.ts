/** Sample rate of the clips, in Hz. It is that of the log-mel patches, so no resampling is needed. */
export const SAMPLE_RATE = 44_100;

const BEATS_PER_BAR = 4;

/** Approximate length of a clip, in seconds. The actual length is a whole number of bars. */
const SECONDS = 9;

/** Maximum decay of notes after the last bar, in seconds. */
const TAIL_SECONDS = 3;

/** Length of the fade-in and the fade-out, in seconds, which prevent clicks. */
const FADE_SECONDS = 0.008;

/** Level of the background noise relative to the signal (-40 dB). It prevents silence and empty high frequencies. */
const HISS = 0.01;

/** A whole number of bars, to which an instrument adds its notes. */
export class Tape {
  /** Samples per beat, not a whole number. */
  readonly beat: number;
  readonly bars: number;
  readonly beats: number;
  /** Mono samples of the bars, and of the decay of the last notes. */
  readonly samples: Float32Array<ArrayBuffer>;
  readonly #loop: number;

  constructor(beatsPerMinute: number) {
    this.beat = (SAMPLE_RATE * 60) / beatsPerMinute;
    this.bars = Math.round((SECONDS * SAMPLE_RATE) / (this.beat * BEATS_PER_BAR));
    this.beats = this.bars * BEATS_PER_BAR;
    this.#loop = Math.round(this.beats * this.beat);
    this.samples = new Float32Array(this.#loop + Math.round(TAIL_SECONDS * SAMPLE_RATE));
  }

  /** Index of the first sample of a beat, counted from 0. */
  at(beat: number): number {
    return Math.round(beat * this.beat);
  }

  /** Adds a sound that starts on a beat. */
  add(sound: Float32Array, beat: number, gain: number) {
    const { samples } = this;
    const start = this.at(beat);
    const end = Math.min(start + sound.length, samples.length);
    for (let i = start; i < end; i++) samples[i]! += gain * sound[i - start]!;
  }

  /**
   * Returns the bars, with the decay after the last bar mixed into the first one. A network repeats a clip until it has
   * the required length; this makes the repetitions join seamlessly.
   */
  loop(seed: number): Float32Array<ArrayBuffer> {
    const loop = this.samples.slice(0, this.#loop);
    for (let i = this.#loop; i < this.samples.length; i++) loop[i - this.#loop]! += this.samples[i]!;
    let power = 0;
    for (let i = 0; i < loop.length; i++) power += loop[i]! * loop[i]!;
    const hiss = HISS * Math.sqrt((3 * power) / loop.length);
    // A linear congruential generator is fast enough for half a million numbers and good enough for noise.
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

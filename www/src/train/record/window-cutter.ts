/** Cuts a stream of samples into windows of equal length. */
export class WindowCutter {
  readonly #onWindow: (samples: Float32Array<ArrayBuffer>) => void;
  readonly #window: Float32Array<ArrayBuffer>;
  #filled = 0;

  constructor(length: number, onWindow: (samples: Float32Array<ArrayBuffer>) => void) {
    this.#window = new Float32Array(length);
    this.#onWindow = onWindow;
  }

  add(samples: Float32Array) {
    for (let start = 0; start < samples.length; ) {
      const part = samples.subarray(start, start + this.#window.length - this.#filled);
      this.#window.set(part, this.#filled);
      this.#filled += part.length;
      start += part.length;
      if (this.#filled === this.#window.length) this.#emit();
    }
  }

  /** Emits the last, shorter window if it has at least `minLength` samples, and discards it otherwise. */
  finish(minLength: number) {
    if (this.#filled >= Math.max(1, minLength)) this.#emit();
    this.#filled = 0;
  }

  #emit() {
    this.#onWindow(this.#window.slice(0, this.#filled));
    this.#filled = 0;
  }
}

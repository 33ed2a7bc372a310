/** Cuts a stream of samples into windows of one length. */
export class WindowCutter {
  readonly #cut: (samples: Float32Array<ArrayBuffer>) => void;
  readonly #window: Float32Array<ArrayBuffer>;
  #filled = 0;

  constructor(length: number, cut: (samples: Float32Array<ArrayBuffer>) => void) {
    this.#window = new Float32Array(length);
    this.#cut = cut;
  }

  add(samples: Float32Array) {
    for (let start = 0; start < samples.length; ) {
      const part = samples.subarray(start, start + this.#window.length - this.#filled);
      this.#window.set(part, this.#filled);
      this.#filled += part.length;
      start += part.length;
      if (this.#filled === this.#window.length) this.#empty();
    }
  }

  /** Cuts off what is there, if it is at least so long; otherwise it is lost. */
  end(atLeast: number) {
    if (this.#filled >= Math.max(1, atLeast)) this.#empty();
    this.#filled = 0;
  }

  #empty() {
    this.#cut(this.#window.slice(0, this.#filled));
    this.#filled = 0;
  }
}

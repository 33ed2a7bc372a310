/** An abort signal that counts its listeners. */
export class CountedSignal {
  readonly #controller = new AbortController();
  readonly #present = new Set<unknown>();
  /** Number of listeners that were ever added. */
  added = 0;

  constructor() {
    const { signal } = this;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions) => {
      this.added++;
      this.#present.add(listener);
      add(type, listener, options);
    };
    signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
      this.#present.delete(listener);
      remove(type, listener);
    };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Number of listeners that were added and not removed. */
  get listeners(): number {
    return this.#present.size;
  }

  abort(reason: unknown) {
    this.#controller.abort(reason);
  }
}

/** Where a panic goes that no call of ours hears. */
let hear: (thrown: unknown) => void = () => undefined;

/** Tells of panics in the core's futures: what polls them throws into no call, and their promises never settle. */
export function onPanic(callback: (thrown: unknown) => void) {
  hear = callback;
}

/**
 * The global function of this name, as the worker's program has it; `build.js` puts it into the glue, which
 * polls the futures in it.
 */
export function queueMicrotask(poll: () => void) {
  globalThis.queueMicrotask(() => {
    try {
      poll();
    } catch (thrown) {
      hear(thrown);
    }
  });
}

/** Whether what was thrown has ruined the instance: a trap, or a panic, which the core throws as one. */
export function isTrap(thrown: unknown): boolean {
  return thrown instanceof WebAssembly.RuntimeError;
}

/** Frees what is held in the core; where the instance is ruined there is nothing to free, and its own error counts. */
export function free(held: { free(): void }) {
  try {
    held.free();
  } catch {
    // Ruined.
  }
}

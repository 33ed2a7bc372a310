/** Called with panics that no caller can catch. */
let handlePanic: (thrown: unknown) => void = () => undefined;

/** Sets the handler for panics in the core's futures. A microtask polls a future, so no caller can catch its panic, and its promise never settles. */
export function onPanic(callback: (thrown: unknown) => void) {
  handlePanic = callback;
}

/**
 * Replaces the global function of the same name in the worker's program. `build.js` injects it into the wasm-bindgen
 * glue, which polls futures with it.
 */
export function queueMicrotask(poll: () => void) {
  globalThis.queueMicrotask(() => {
    try {
      poll();
    } catch (thrown) {
      handlePanic(thrown);
    }
  });
}

/** Whether a thrown value means that the wasm instance can no longer be used: a trap, or a panic, which `crates/web` throws as one. */
export function isTrap(thrown: unknown): boolean {
  return thrown instanceof WebAssembly.RuntimeError;
}

/** Frees an object of the core. Ignores errors, since an instance that trapped cannot free anything and has reported its own error. */
export function free(object: { free(): void }) {
  try {
    object.free();
  } catch {
    // The instance trapped.
  }
}

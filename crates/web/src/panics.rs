//! Panics reach JavaScript as errors.

use js_sys::WebAssembly::RuntimeError;

/// Makes every panic throw a `WebAssembly.RuntimeError`, as a trap does, with a readable message.
///
/// Where JavaScript called, the call throws; where a promise was polled, the promise never settles
/// and the package's own `queueMicrotask` hears it (`pkg/src/panics.ts`). The instance is
/// of no use after either: its host starts another.
pub fn throw() {
    std::panic::set_hook(Box::new(|panic| {
        let message = format!("the analysis broke off: {panic}");
        wasm_bindgen::throw_val(RuntimeError::new(&message).into());
    }));
}

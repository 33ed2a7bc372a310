//! Conversion of panics to JavaScript errors.

use js_sys::WebAssembly::RuntimeError;

/// Makes every panic throw a `WebAssembly.RuntimeError` with a readable message, as a trap does.
///
/// A synchronous call throws the error. An asynchronous one leaves its promise pending, and the
/// package's own `queueMicrotask` catches the error (`pkg/src/worker/panics.ts`). The instance is
/// unusable afterwards, so its host starts another.
pub fn throw() {
    std::panic::set_hook(Box::new(|panic| {
        let message = format!("the analysis failed: {panic}");
        wasm_bindgen::throw_val(RuntimeError::new(&message).into());
    }));
}

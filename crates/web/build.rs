//! Exports the function that calls the constructors of the WebGPU backend.

fn main() {
    // The backend registers its operations in constructors. If nothing exports or calls this
    // function, the linker assumes that a program runs only once, and calls all constructors at the
    // beginning of each exported function. The worker calls it after it has instantiated the module.
    if std::env::var_os("CARGO_FEATURE_WEBGPU").is_some() {
        println!("cargo::rustc-link-arg-cdylib=--export=__wasm_call_ctors");
    }
    println!("cargo::rerun-if-changed=build.rs");
}

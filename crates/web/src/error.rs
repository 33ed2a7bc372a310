//! Conversion of errors to JavaScript.

use std::error::Error as _;

use js_sys::Object;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::to_js::to_js;

/// An error of the core or of the boundary. JavaScript catches it as an `Error` with `message`, an
/// English sentence, and with `code` and `parameters`, from which the page makes its own text.
///
/// [`tonearm::Error`] lists its codes. Those of the boundary mean that the package calls it wrongly,
/// except for `no-gpu`:
///
/// | code | parameters |
/// | --- | --- |
/// | `busy` | |
/// | `argument` | |
/// | `partial-row` | `expected`, `got` |
/// | `unknown-file` | `got` |
/// | `no-gpu` | |
#[derive(Debug, Serialize, thiserror::Error)]
#[serde(tag = "code", content = "parameters", rename_all = "kebab-case")]
pub enum Error {
    /// The previous step has not ended.
    #[error("a step of this analysis or run is still running; wait for it first")]
    Busy,

    /// A value cannot be converted.
    #[error("a value cannot be converted between JavaScript and Rust")]
    Argument {
        /// Error of the conversion.
        #[from]
        #[serde(skip)]
        source: serde_wasm_bindgen::Error,
    },

    /// Values in row-major order do not fill the rows.
    #[error("expected {expected} numbers in each row, got {got} in total")]
    PartialRow {
        /// Number of columns.
        expected: usize,
        /// Number of values.
        got: usize,
    },

    /// The project has fewer files.
    #[error("the project has no file {got}")]
    UnknownFile {
        /// Index of the file.
        got: usize,
    },

    /// The WebGPU adapter could not be opened.
    #[cfg(feature = "webgpu")]
    #[error("the GPU could not be started")]
    NoGpu {
        /// Error of the GPU.
        #[serde(skip)]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// An error of the core.
    #[error(transparent)]
    #[serde(untagged)]
    Core(#[from] tonearm::Error),
}

/// The result type of the boundary.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<tonearm::dsp::Error> for Error {
    fn from(error: tonearm::dsp::Error) -> Self {
        Self::Core(error.into())
    }
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        into_js(&error)
    }
}

/// Converts to a JavaScript `Error` whose message includes the causes.
fn into_js(error: &Error) -> JsValue {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message = format!("{message}: {error}");
        cause = error.source();
    }
    let thrown = js_sys::Error::new(&message);
    if let Ok(fields) = to_js(error) {
        Object::assign(&thrown, &Object::from(fields));
    }
    thrown.into()
}

//! What must hold for any audio, not only for the golden signals.

mod features;
mod windows;

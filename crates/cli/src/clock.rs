//! Where the time of a command goes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Adds up the time of decoding and of what follows it, of all threads together.
pub struct Clock {
    decoding: AtomicU64, // ns
    rest: AtomicU64,     // ns
    name: &'static str,
}

impl Clock {
    /// No time yet; `name` is what follows the decoding.
    pub const fn new(name: &'static str) -> Self {
        Self {
            decoding: AtomicU64::new(0),
            rest: AtomicU64::new(0),
            name,
        }
    }

    /// Decodes something.
    pub fn decoding<T>(&self, task: impl FnOnce() -> T) -> T {
        timed(&self.decoding, task)
    }

    /// Does what follows.
    pub fn rest<T>(&self, task: impl FnOnce() -> T) -> T {
        timed(&self.rest, task)
    }

    /// Both, in words.
    pub fn told(&self) -> String {
        let [decoding, rest] = [&self.decoding, &self.rest]
            .map(|total| Duration::from_nanos(total.load(Ordering::Relaxed)).as_secs_f64());
        format!("decoding {decoding:.3} s, {} {rest:.3} s", self.name)
    }
}

fn timed<T>(total: &AtomicU64, task: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let made = task();
    let took = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
    total.fetch_add(took, Ordering::Relaxed);
    made
}

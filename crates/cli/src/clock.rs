//! Measures how long decoding and the rest of a command take, for `--time`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Adds up the time spent decoding and the time spent on the following work, over all threads.
pub struct Clock {
    decoding: AtomicU64, // ns
    rest: AtomicU64,     // ns
    name: &'static str,
}

impl Clock {
    /// Starts at zero. `name` describes the work after decoding.
    pub const fn new(name: &'static str) -> Self {
        Self {
            decoding: AtomicU64::new(0),
            rest: AtomicU64::new(0),
            name,
        }
    }

    /// Runs `task` and counts its time as decoding.
    pub fn decoding<T>(&self, task: impl FnOnce() -> T) -> T {
        timed(&self.decoding, task)
    }

    /// Runs `task` and counts its time as the rest.
    pub fn rest<T>(&self, task: impl FnOnce() -> T) -> T {
        timed(&self.rest, task)
    }

    /// Both times, as text.
    pub fn summary(&self) -> String {
        let [decoding, rest] = [&self.decoding, &self.rest]
            .map(|total| Duration::from_nanos(total.load(Ordering::Relaxed)).as_secs_f64());
        format!("decoding {decoding:.3} s, {} {rest:.3} s", self.name)
    }
}

fn timed<T>(total: &AtomicU64, task: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = task();
    let nanoseconds = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
    total.fetch_add(nanoseconds, Ordering::Relaxed);
    result
}

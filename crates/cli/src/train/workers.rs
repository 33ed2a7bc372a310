//! Folds that are trained at once, each by a process of its own: a device has one generator of random
//! numbers, from which two trainers would draw by turns.

use std::collections::VecDeque;
use std::env;
use std::io;
use std::process::{self, Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::device::cores;

/// Time between two looks at the processes.
const PAUSE: Duration = Duration::from_millis(50);

/// Longest time without a tick.
const MINUTE: Duration = Duration::from_mins(1);

/// A process that trains one fit.
struct Worker {
    name: String,
    child: Child,
    /// Where it ends, the process ends.
    leash: Option<ChildStdin>,
}

/// Trains these fits, so many at once, by the command of this process; what each comes to is kept in the
/// folder of the run. `tick` is called at the beginning, once a minute, and when a process has ended.
///
/// # Errors
/// If a process cannot be started, or fails, after the others have ended. Ctrl-C is no error: they keep
/// their last whole epochs.
pub fn train(
    names: Vec<String>,
    jobs: usize,
    stop: &AtomicBool,
    tick: impl Fn() -> Result<()>,
) -> Result<()> {
    let jobs = jobs.min(names.len());
    let mut running = Vec::new();
    let ended = attend(&mut running, VecDeque::from(names), jobs, stop, tick);
    for worker in &mut running {
        worker.leash = None;
        worker.child.wait()?;
    }
    ended
}

fn attend(
    running: &mut Vec<Worker>,
    mut waiting: VecDeque<String>,
    jobs: usize,
    stop: &AtomicBool,
    tick: impl Fn() -> Result<()>,
) -> Result<()> {
    tick()?;
    let mut ticked = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        while running.len() < jobs
            && let Some(name) = waiting.pop_front()
        {
            running.push(Worker::start(name, jobs)?);
        }
        if running.is_empty() {
            return Ok(());
        }
        thread::sleep(PAUSE);
        let n_before = running.len();
        let mut index = 0;
        while index < running.len() {
            match running[index].child.try_wait()? {
                None => index += 1,
                Some(status) => {
                    let worker = running.swap_remove(index);
                    // Ctrl-C may have reached it first.
                    if !status.success() && !stop.load(Ordering::Relaxed) {
                        bail!("{}: its process ended with {status}", worker.name);
                    }
                }
            }
        }
        if running.len() < n_before || ticked.elapsed() > MINUTE {
            tick()?;
            ticked = Instant::now();
        }
    }
    tick()
}

impl Worker {
    fn start(name: String, jobs: usize) -> Result<Self> {
        let arguments = env::args_os().skip(1).filter(|word| word != "--resume");
        let mut command = Command::new(env::current_exe()?);
        command.args(arguments).args(["--fit", &name]);
        let threads = (cores() / jobs).max(1).to_string();
        for (name, value) in [(THREADS, &threads[..])].into_iter().chain(MEMORY) {
            // Who has set it knows better.
            if env::var_os(name).is_none() {
                command.env(name, value);
            }
        }
        let mut child = command
            .stdin(Stdio::piped())
            .spawn()
            .context("the binary cannot be started again")?;
        let leash = child.stdin.take();
        Ok(Self { name, child, leash })
    }
}

/// What tells rayon how many threads to start.
const THREADS: &str = "RAYON_NUM_THREADS";

/// What keeps glibc from giving back memory that the next step asks for again; other allocators do not
/// read it.
const MEMORY: [(&str, &str); 3] = [
    ("MALLOC_MMAP_THRESHOLD_", "4294967296"),
    ("MALLOC_TRIM_THRESHOLD_", "8589934592"),
    ("MALLOC_TOP_PAD_", "67108864"),
];

/// Ends this process when the one that started it has ended.
pub fn end_with_parent() {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(1);
    });
}

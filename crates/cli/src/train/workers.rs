//! Trains folds in parallel, each in its own process: a device has a single random number generator,
//! and trainers in one process would draw from it in varying order.

use std::collections::VecDeque;
use std::env;
use std::io;
use std::process::{self, Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::device::cores;

/// Interval at which the processes are polled.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Maximum time between two calls of `tick`.
const TICK_INTERVAL: Duration = Duration::from_mins(1);

/// A process that trains one fold.
struct Worker {
    name: String,
    child: Child,
    /// The process exits when this is closed.
    stdin: Option<ChildStdin>,
}

/// Trains the folds `names`, `jobs` at a time, by running this command again with `--fit`. The results are
/// in the folder of the run. `tick` is called at the start, once a minute, and when a process has ended.
///
/// # Errors
/// If a process cannot be started or fails; the other processes are then ended. Ctrl-C is not an error:
/// the processes have saved their last complete epochs.
pub fn train(
    names: Vec<String>,
    jobs: usize,
    stop: &AtomicBool,
    tick: impl Fn() -> Result<()>,
) -> Result<()> {
    let jobs = jobs.min(names.len());
    let mut running = Vec::new();
    let result = supervise(&mut running, VecDeque::from(names), jobs, stop, tick);
    for worker in &mut running {
        worker.stdin = None;
        worker.child.wait()?;
    }
    result
}

fn supervise(
    running: &mut Vec<Worker>,
    mut waiting: VecDeque<String>,
    jobs: usize,
    stop: &AtomicBool,
    tick: impl Fn() -> Result<()>,
) -> Result<()> {
    tick()?;
    let mut last_tick = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        while running.len() < jobs
            && let Some(name) = waiting.pop_front()
        {
            running.push(Worker::start(name, jobs)?);
        }
        if running.is_empty() {
            return Ok(());
        }
        thread::sleep(POLL_INTERVAL);
        let n_before = running.len();
        let mut index = 0;
        while index < running.len() {
            match running[index].child.try_wait()? {
                None => index += 1,
                Some(status) => {
                    let worker = running.swap_remove(index);
                    // Ctrl-C may have reached the worker before this process.
                    if !status.success() && !stop.load(Ordering::Relaxed) {
                        bail!("the process that trained {} failed ({status})", worker.name);
                    }
                }
            }
        }
        if running.len() < n_before || last_tick.elapsed() > TICK_INTERVAL {
            tick()?;
            last_tick = Instant::now();
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
            // Settings of the user take precedence.
            if env::var_os(name).is_none() {
                command.env(name, value);
            }
        }
        let mut child = command
            .stdin(Stdio::piped())
            .spawn()
            .context("cannot start a worker process")?;
        let stdin = child.stdin.take();
        Ok(Self { name, child, stdin })
    }
}

/// Environment variable with the number of rayon's threads.
const THREADS: &str = "RAYON_NUM_THREADS";

/// Makes glibc keep freed memory, which the next step allocates again. Other allocators ignore it.
const MEMORY: [(&str, &str); 3] = [
    ("MALLOC_MMAP_THRESHOLD_", "4294967296"),
    ("MALLOC_TRIM_THRESHOLD_", "8589934592"),
    ("MALLOC_TOP_PAD_", "67108864"),
];

/// Exits this process when its parent closes the pipe to standard input, by exiting or otherwise.
pub fn exit_with_parent() {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(1);
    });
}

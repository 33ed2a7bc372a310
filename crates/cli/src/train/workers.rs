//! Folds that are trained at once, each by a process of its own: a device has one generator of random
//! numbers, from which two trainers would draw by turns.

use std::collections::VecDeque;
use std::env;
use std::io;
use std::process::{self, Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::device::cores;

/// Time between two looks at the processes.
const PAUSE: Duration = Duration::from_millis(50);

/// A process that trains one fit.
struct Worker {
    name: String,
    child: Child,
    /// Where it ends, the process ends.
    leash: Option<ChildStdin>,
}

/// Trains these fits, so many at once, by the command of this process; what each comes to is kept in the
/// folder of the run.
///
/// # Errors
/// If a process cannot be started, or fails. Ctrl-C is no error: they keep their last whole epochs.
pub fn train(names: Vec<String>, jobs: usize, stop: &AtomicBool) -> Result<()> {
    let mut waiting = VecDeque::from(names);
    let mut running: Vec<Worker> = Vec::new();
    loop {
        if stop.load(Ordering::Relaxed) {
            waiting.clear();
            running.iter_mut().for_each(|worker| worker.leash = None);
        }
        while running.len() < jobs
            && let Some(name) = waiting.pop_front()
        {
            running.push(Worker::start(name, jobs)?);
        }
        if running.is_empty() {
            return Ok(());
        }
        thread::sleep(PAUSE);
        let mut still = Vec::new();
        for mut worker in running {
            match worker.child.try_wait()? {
                None => still.push(worker),
                Some(status) if status.success() || stop.load(Ordering::Relaxed) => {}
                Some(status) => bail!("{}: its process ended with {status}", worker.name),
            }
        }
        running = still;
    }
}

impl Worker {
    fn start(name: String, jobs: usize) -> Result<Self> {
        let arguments = env::args_os().skip(1).filter(|word| word != "--resume");
        let mut command = Command::new(env::current_exe()?);
        command.args(arguments).args(["--fit", &name]);
        if env::var_os(THREADS).is_none() {
            command.env(THREADS, (cores() / jobs).max(1).to_string());
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

/// Ends this process when the one that started it has ended.
pub fn end_with_parent() {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(1);
    });
}

//! A lock that keeps two xtask processes from writing `pkg/wasm/` and `www/dist/` at the same time.

use std::env;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

use crate::project::Project;

/// Keeps other processes waiting until it is dropped. The system also releases it if this process is killed.
pub struct BuildLock {
    _file: File,
}

impl BuildLock {
    /// Waits until no other process builds in this checkout.
    pub fn acquire(project: &Project) -> Result<Self> {
        let arguments: Vec<_> = env::args().skip(1).collect();
        let holder = format!(
            "`cargo xtask {}` (process {})",
            arguments.join(" "),
            std::process::id()
        );
        Self::at(&project.root.join(".xtask-lock"), &holder, |message| {
            println!("  {message}")
        })
    }

    /// Locks a file and writes the holder's name into it. Calls `on_wait` with a message if another process holds it.
    fn at(path: &Path, holder: &str, on_wait: impl FnOnce(&str)) -> Result<Self> {
        let describe = || format!("{} could not be locked", path.display());
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).with_context(describe)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let other = fs::read_to_string(path).unwrap_or_default();
                on_wait(&format!(
                    "waiting for {}, which builds in the same folder; stop it or wait",
                    if other.is_empty() {
                        "another xtask"
                    } else {
                        &other
                    }
                ));
                file.lock().with_context(describe)?;
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(describe),
        }
        file.set_len(0).with_context(describe)?;
        file.write_all(holder.as_bytes()).with_context(describe)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{RecvTimeoutError, channel};
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_second_process_says_what_it_waits_for_and_goes_on_afterwards() {
        let path = env::temp_dir().join(format!("tonearm-xtask-lock-{}", std::process::id()));
        let never = |message: &str| panic!("nothing holds the lock: {message}");
        let first = BuildLock::at(&path, "`cargo xtask serve`", never).expect("file can be locked");

        // Locks belong to open files, so a thread behaves as another process does.
        let (events, received) = channel();
        let second = thread::spawn({
            let path = path.clone();
            move || {
                let lock = BuildLock::at(&path, "`cargo xtask test`", |message| {
                    events.send(message.to_owned()).expect("the test waits");
                });
                events.send("locked".to_owned()).expect("the test waits");
                lock
            }
        });
        let timeout = Duration::from_secs(10);
        let message = received
            .recv_timeout(timeout)
            .expect("it says that it waits");
        assert!(
            message.starts_with("waiting for `cargo xtask serve`,"),
            "{message}"
        );
        let early = received.recv_timeout(Duration::from_millis(200));
        assert_eq!(early, Err(RecvTimeoutError::Timeout));

        drop(first);
        assert_eq!(received.recv_timeout(timeout).as_deref(), Ok("locked"));
        let lock = second
            .join()
            .expect("thread ends")
            .expect("file can be locked");
        assert_eq!(
            fs::read_to_string(&path).expect("file exists"),
            "`cargo xtask test`"
        );
        drop(lock);
        fs::remove_file(path).expect("file can be removed");
    }
}

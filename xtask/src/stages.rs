//! Timed stages of a run, and the table that summarises them.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Outcome of a stage.
enum Outcome {
    Passed,
    Failed,
    /// Skipped for a reason.
    Skipped(String),
}

struct Stage {
    name: String,
    duration: Duration,
    outcome: Outcome,
}

/// The stages of one run, in order.
#[derive(Default)]
pub struct Stages(Vec<Stage>);

impl Stages {
    /// Runs a stage and records its duration. Prints and returns its error.
    pub fn run<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.record(name, work, |_| Outcome::Failed)
    }

    /// Runs an optional stage. If it fails, it counts as skipped, with the error as the reason.
    pub fn attempt<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        let skipped = |error: &anyhow::Error| Outcome::Skipped(format!("{error:#}"));
        self.record(name, work, skipped).ok()
    }

    fn record<T>(
        &mut self,
        name: &str,
        work: impl FnOnce() -> Result<T>,
        on_error: impl FnOnce(&anyhow::Error) -> Outcome,
    ) -> Result<T> {
        println!("\n==> {name}");
        let start = Instant::now();
        let result = work();
        let duration = start.elapsed();
        let outcome = match &result {
            Ok(_) => Outcome::Passed,
            Err(error) => {
                println!("    {error:#}");
                on_error(error)
            }
        };
        println!("    {name}: {} min", minutes(duration));
        self.0.push(Stage {
            name: name.to_owned(),
            duration,
            outcome,
        });
        result
    }

    /// Records a skipped stage.
    pub fn skip(&mut self, name: &str, reason: &str) {
        println!("\n==> {name}: skipped: {reason}");
        let (name, outcome) = (name.to_owned(), Outcome::Skipped(reason.to_owned()));
        self.0.push(Stage {
            name,
            duration: Duration::ZERO,
            outcome,
        });
    }

    /// Prints the duration of each stage in minutes.
    pub fn print_table(&self) {
        println!("\n{:<40} minutes", "stage");
        for Stage {
            name,
            duration,
            outcome,
        } in &self.0
        {
            let note = match outcome {
                Outcome::Passed => String::new(),
                Outcome::Failed => "  failed".to_owned(),
                Outcome::Skipped(reason) => format!("  skipped: {reason}"),
            };
            println!("{name:<40} {:>7}{note}", minutes(*duration));
        }
        let total = self.0.iter().map(|stage| stage.duration).sum();
        println!("{:<40} {:>7}", "total", minutes(total));
    }

    /// Prints the table and the number of stages by outcome.
    ///
    /// # Errors
    /// If a stage failed.
    pub fn finish(self) -> Result<()> {
        self.print_table();
        let count = |predicate: fn(&Outcome) -> bool| {
            let outcomes = self.0.iter().map(|stage| &stage.outcome);
            outcomes.filter(|outcome| predicate(outcome)).count()
        };
        let passed = count(|outcome| matches!(outcome, Outcome::Passed));
        let failed = count(|outcome| matches!(outcome, Outcome::Failed));
        let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
        // CI parses this line.
        println!("\n{passed} passed, {failed} failed, {skipped} skipped");
        if failed > 0 {
            bail!("{failed} of {} stages failed", self.0.len());
        }
        Ok(())
    }
}

fn minutes(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() / 60.0)
}

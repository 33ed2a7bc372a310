//! Timed stages, and the table of them that ends a run.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// What became of a stage.
enum Outcome {
    Passed,
    Failed,
    /// Left out, and why.
    Skipped(String),
}

struct Stage {
    name: String,
    took: Duration,
    outcome: Outcome,
}

/// The stages of one run, in order.
#[derive(Default)]
pub struct Stages(Vec<Stage>);

impl Stages {
    /// Runs a stage and records how long it took; its error is printed and returned.
    pub fn run<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.record(name, work, |_| Outcome::Failed)
    }

    /// Runs a stage that may be left out: its error is the reason, and no failure.
    pub fn attempt<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        let left_out = |error: &anyhow::Error| Outcome::Skipped(format!("{error:#}"));
        self.record(name, work, left_out).ok()
    }

    fn record<T>(
        &mut self,
        name: &str,
        work: impl FnOnce() -> Result<T>,
        otherwise: impl FnOnce(&anyhow::Error) -> Outcome,
    ) -> Result<T> {
        println!("\n==> {name}");
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        let outcome = match &result {
            Ok(_) => Outcome::Passed,
            Err(error) => {
                println!("    {error:#}");
                otherwise(error)
            }
        };
        println!("    {name}: {} min", minutes(took));
        self.0.push(Stage {
            name: name.to_owned(),
            took,
            outcome,
        });
        result
    }

    /// Records a stage that is left out.
    pub fn skip(&mut self, name: &str, why: &str) {
        println!("\n==> {name}: left out: {why}");
        let (name, outcome) = (name.to_owned(), Outcome::Skipped(why.to_owned()));
        self.0.push(Stage {
            name,
            took: Duration::ZERO,
            outcome,
        });
    }

    /// Prints each stage with its minutes.
    pub fn print_table(&self) {
        println!("\n{:<40} minutes", "stage");
        for Stage {
            name,
            took,
            outcome,
        } in &self.0
        {
            let note = match outcome {
                Outcome::Passed => String::new(),
                Outcome::Failed => "  failed".to_owned(),
                Outcome::Skipped(why) => format!("  left out: {why}"),
            };
            println!("{name:<40} {:>7}{note}", minutes(*took));
        }
        let total = self.0.iter().map(|stage| stage.took).sum();
        println!("{:<40} {:>7}", "total", minutes(total));
    }

    /// Prints the table and the count of stages by outcome; fails if one failed.
    pub fn finish(self) -> Result<()> {
        self.print_table();
        let count = |wanted: fn(&Outcome) -> bool| {
            self.0.iter().filter(|stage| wanted(&stage.outcome)).count()
        };
        let passed = count(|outcome| matches!(outcome, Outcome::Passed));
        let failed = count(|outcome| matches!(outcome, Outcome::Failed));
        let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
        // Alone on its line, in the form that CI reads.
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

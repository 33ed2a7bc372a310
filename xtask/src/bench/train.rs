//! `cargo xtask bench train`: compares training speed with the same networks in TensorFlow.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::project::{Project, output};
use crate::{bench, machine};

/// The newest TensorFlow for Python 3.11, without CUDA. Keras is pinned as well, since TensorFlow accepts any
/// later version.
const PACKAGES: [&str; 2] = ["tensorflow-cpu==2.21.0", "keras==3.15.1"];

/// Trains each network with Tonearm and then with TensorFlow, and prints the rows per second of both.
pub fn run(project: &Project) -> Result<()> {
    let python = machine::python(project, "tensorflow", &PACKAGES)?;
    let names = run_tonearm(project, "--list")?;
    let mut table = Vec::new();
    for name in names.lines() {
        println!("  {name}");
        let tonearm = run_tonearm(project, name)?;
        let tensorflow = run_tensorflow(project, &python, tonearm.trim())?;
        table.push((parse(&tonearm)?, parse(&tensorflow)?));
    }
    print_table(&table)
}

/// Output of `benches/train.rs`.
fn run_tonearm(project: &Project, argument: &str) -> Result<String> {
    output(bench::command(project, "train").args(["--", argument]))
}

/// Output of `benches/train.py` for the network in a line of `benches/train.rs`.
fn run_tensorflow(project: &Project, python: &Path, line: &str) -> Result<String> {
    let mut train = Command::new(python);
    train.current_dir(&project.root);
    output(train.args(["benches/train.py", line]))
}

fn parse(line: &str) -> Result<Value> {
    serde_json::from_str(line).with_context(|| format!("invalid JSON: {line}"))
}

fn print_table(table: &[(Value, Value)]) -> Result<()> {
    if let Some((_, tensorflow)) = table.first() {
        let versions = (text(tensorflow, "tensorflow"), text(tensorflow, "keras"));
        println!("\nTensorFlow {}, Keras {}.", versions.0, versions.1);
    }
    println!(
        "A row is a log-mel patch, a segment of 3 s or a row of a table. Parameters include the"
    );
    println!("running averages of batch norm. \"In parallel\" trains one network per core, as");
    println!("`tonearm train --folds` does; the ratios are relative to TensorFlow.\n");
    println!(
        "| network | batch | parameters, Tonearm | parameters, TensorFlow | Tonearm, rows/s | in parallel, rows/s | TensorFlow, rows/s | ratio | ratio in parallel |"
    );
    println!("| --- | --: | --: | --: | --: | --: | --: | --: | --: |");
    for (tonearm, tensorflow) in table {
        let name = text(tonearm, "network");
        let [ours, theirs] = [tonearm, tensorflow].map(|side| number(side, "parameters"));
        if ours != theirs {
            bail!(
                "{name} has {ours} parameters in Tonearm and {theirs} in TensorFlow, so the networks differ"
            );
        }
        let [speed, reference] = [tonearm, tensorflow].map(|side| number(side, "rows_per_second"));
        let parallel = number(tonearm, "rows_per_second_at_once");
        let batch = number(tonearm, "batch");
        println!(
            "| {name} | {batch} | {ours} | {theirs} | {speed:.0} | {parallel:.0} | {reference:.0} | {:.2} | {:.2} |",
            speed / reference,
            parallel / reference
        );
    }
    Ok(())
}

fn text<'a>(side: &'a Value, key: &str) -> &'a str {
    side[key].as_str().unwrap_or("?")
}

/// A number of a result; NaN if it is missing, which equals nothing.
fn number(side: &Value, key: &str) -> f64 {
    side[key].as_f64().unwrap_or(f64::NAN)
}

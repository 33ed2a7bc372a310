//! How fast the networks train, beside the same networks in TensorFlow.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::project::{Project, output};
use crate::{bench, machine};

/// What ours is set beside: the newest that Python 3.11 can run, without CUDA. Keras is named too,
/// which TensorFlow would take in any later version.
const PACKAGES: [&str; 2] = ["tensorflow-cpu==2.21.0", "keras==3.15.1"];

/// Trains each network here and there in turn, and prints rows a second of both.
pub fn run(project: &Project) -> Result<()> {
    let python = machine::python(project, "tensorflow", &PACKAGES)?;
    let names = ours(project, "--list")?;
    let mut table = Vec::new();
    for name in names.lines() {
        println!("  {name}");
        let ours = ours(project, name)?;
        let theirs = theirs(project, &python, ours.trim())?;
        table.push((parse(&ours)?, parse(&theirs)?));
    }
    print_table(&table)
}

/// What `benches/train.rs` prints.
fn ours(project: &Project, argument: &str) -> Result<String> {
    output(bench::command(project, "train").args(["--", argument]))
}

/// What `benches/train.py` prints of the network that a line of ours tells of.
fn theirs(project: &Project, python: &Path, ours: &str) -> Result<String> {
    let mut train = Command::new(python);
    train.current_dir(&project.root);
    output(train.args(["benches/train.py", ours]))
}

fn parse(line: &str) -> Result<Value> {
    serde_json::from_str(line).with_context(|| format!("no line of JSON: {line}"))
}

fn print_table(table: &[(Value, Value)]) -> Result<()> {
    if let Some((_, theirs)) = table.first() {
        let (tensorflow, keras) = (text(theirs, "tensorflow"), text(theirs, "keras"));
        println!("\nTensorFlow {tensorflow}, Keras {keras}; rows are pictures, pieces of 3 s, or");
        println!("rows of a table; parameters with the running averages of batch norm;");
    }
    println!("at once: as many fits as there are cores, as `tonearm train --folds` has them\n");
    println!(
        "| network | batch | parameters: ours | theirs | rows/s: ours | at once | theirs | ratio | at once |"
    );
    println!("| --- | --: | --: | --: | --: | --: | --: | --: | --: |");
    for (ours, theirs) in table {
        let name = text(ours, "network");
        let [mine, other] = [ours, theirs].map(|side| number(side, "parameters"));
        if mine != other {
            bail!("{name} has {mine} parameters here and {other} there: not the same network");
        }
        let [here, there] = [ours, theirs].map(|side| number(side, "rows_per_second"));
        let at_once = number(ours, "rows_per_second_at_once");
        let (batch, ratio, all) = (number(ours, "batch"), here / there, at_once / there);
        println!(
            "| {name} | {batch} | {mine} | {other} | {here:.0} | {at_once:.0} | {there:.0} | {ratio:.2} | {all:.2} |"
        );
    }
    Ok(())
}

fn text<'a>(side: &'a Value, key: &str) -> &'a str {
    side[key].as_str().unwrap_or("?")
}

/// Not a number where there is none, so that nothing equals it.
fn number(side: &Value, key: &str) -> f64 {
    side[key].as_f64().unwrap_or(f64::NAN)
}

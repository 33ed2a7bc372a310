//! `tonearm`: computes features, and trains, evaluates and runs Tonearm's networks.

mod classify;
mod clock;
mod compare;
mod device;
mod evaluate;
mod extract;
mod input;
mod inspect;
mod map;
mod output;
mod report;
mod storage;
#[cfg(test)]
#[path = "../../../tests/support/temporary_folder.rs"]
mod temporary_folder;
mod train;
mod tsne;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Recognise the genre of music, and train the networks for it
#[derive(Parser)]
#[command(name = "tonearm", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Classify(classify::Args),
    Extract(extract::Args),
    Compare(compare::Args),
    Evaluate(evaluate::Args),
    Inspect(inspect::Args),
    Map(map::Args),
    Report(report::Args),
    Train(Box<train::Args>),
}

/// Exits with 0 on success, 1 on failure, and 2 on wrong usage (by clap).
fn main() -> ExitCode {
    match run(&Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(format_args!("error: {}", output::error_text(&error)));
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<()> {
    match command {
        Command::Classify(args) => classify::run(args),
        Command::Extract(args) => extract::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Evaluate(args) => evaluate::run(args),
        Command::Inspect(args) => inspect::run(args),
        Command::Map(args) => map::run(args),
        Command::Report(args) => report::run(args),
        Command::Train(args) => train::run(args),
    }
}

//! `tonearm inspect`: what a weights file says of itself.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use tonearm::evaluation::figures::Figures;
use tonearm::weights::{Estimate, Grouping, Metadata, Weights};

use crate::output;
use crate::sources::read_weights;

/// Show what a weights file is: its network, labels, data, recipe and figures
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The weights
    #[arg(value_name = "W.bpk")]
    weights: PathBuf,
    /// Print the whole card as one JSON object
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Inspection<'a> {
    #[serde(flatten)]
    metadata: &'a Metadata,
    artists: ArtistCounts,
}

/// Number of artists, by what their rows were used for.
#[derive(Serialize)]
struct ArtistCounts {
    train: usize,
    validation: usize,
    test: usize,
}

/// Runs the command.
///
/// # Errors
/// If the file cannot be read or is no weights file.
pub fn run(args: &Args) -> Result<()> {
    let Weights {
        metadata, artists, ..
    } = read_weights(&args.weights)?;
    let artists = ArtistCounts {
        train: artists.train.len(),
        validation: artists.validation.len(),
        test: artists.test.len(),
    };
    let inspection = Inspection {
        metadata: &metadata,
        artists,
    };
    match args.json {
        true => output::json(&inspection),
        false => output::line(page(&inspection)?),
    }
}

/// The card in words, a line for each matter.
fn page(inspection: &Inspection) -> Result<String> {
    let Inspection { metadata, artists } = inspection;
    let card = &metadata.card;
    let lines = [
        card.name.clone(),
        String::new(),
        format!("labels      {}", metadata.labels.join(", ")),
        format!(
            "network     {}",
            serde_json::to_string(&metadata.network.model)?
        ),
        format!(
            "size        {} parameters, {:.1} million multiply-adds a window",
            card.n_parameters,
            card.multiply_adds as f64 / 1e6
        ),
        format!(
            "features    {} (fingerprint {})",
            serde_json::to_string(&metadata.network.input)?,
            metadata.network.fingerprint
        ),
        format!(
            "data        {}: {} rows{}",
            card.data.file,
            card.data.rows,
            match card.data.grouping {
                Grouping::Artist => format!(" by {} artists", card.data.artists),
                Grouping::Group => format!(" in {} groups of tracks", card.data.artists),
                Grouping::None => String::new(),
            }
        ),
        format!("fitted on   {}", card.fitted_on),
        format!(
            "artists     {} to fit, {} to validate, {} to test",
            artists.train, artists.validation, artists.test
        ),
        format!(
            "split       {}, {} folds",
            serde_json::to_string(&card.split)?,
            card.folds
        ),
        format!("recipe      {}", serde_json::to_string(&card.recipe)?),
        format!("command     {}", card.command),
        format!(
            "confident   from {:.0} % on, at temperature {:.3}: {:.0} % of the rows, {:.0} % of them right",
            metadata.threshold * 100.0,
            metadata.temperature,
            card.confident.coverage * 100.0,
            card.confident.accuracy * 100.0
        ),
    ];
    let figures = card.figures.iter().map(figures_line);
    let estimates = card.estimates.iter().map(estimate_line);
    Ok(lines
        .into_iter()
        .chain(figures)
        .chain(estimates)
        .collect::<Vec<_>>()
        .join("\n"))
}

fn estimate_line(estimate: &Estimate) -> String {
    let Estimate { name, r2, shown } = estimate;
    let kept = if *shown {
        ""
    } else {
        ", too little to be shown"
    };
    format!("estimate    {name}: R2 {r2:.3}{kept}")
}

fn figures_line(figures: &Figures) -> String {
    let Figures {
        part,
        n,
        top1,
        top3,
        balanced,
        macro_f1,
        ece,
        raw_ece,
    } = figures;
    format!(
        "figures     {part}: {n} rows, top-1 {:.1} %, top-3 {:.1} %, balanced {:.1} %, macro F1 {macro_f1:.3}, ECE {ece:.3} ({raw_ece:.3} before the temperature)",
        top1 * 100.0,
        top3 * 100.0,
        balanced * 100.0
    )
}

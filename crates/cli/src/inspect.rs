//! `tonearm inspect`: prints the card of a weights file.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use tonearm::evaluation::figures::Figures;
use tonearm::weights::{Estimate, Metadata, Weights};

use crate::output::{self, percent};
use crate::storage::files;
use crate::storage::weights_file::{self, group_name};

/// Show the network, labels, data, recipe and figures of a weights file
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Weights file
    #[arg(value_name = "W.bpk")]
    weights: PathBuf,
    /// Print the whole card as one JSON object
    #[arg(long)]
    json: bool,
}

/// The output of `--json`.
#[derive(Serialize)]
struct Inspection<'a> {
    weights_sha256: String,
    #[serde(flatten)]
    metadata: &'a Metadata,
    artists: ArtistCounts,
}

/// Number of artists in each set.
#[derive(Serialize)]
struct ArtistCounts {
    train: usize,
    validation: usize,
    test: usize,
}

/// Runs the command.
///
/// # Errors
/// If the file cannot be read or is not a weights file.
pub fn run(args: &Args) -> Result<()> {
    let Weights {
        metadata, artists, ..
    } = weights_file::read(&args.weights)?;
    let artists = ArtistCounts {
        train: artists.train.len(),
        validation: artists.validation.len(),
        test: artists.test.len(),
    };
    let inspection = Inspection {
        weights_sha256: files::sha256(&args.weights)?,
        metadata: &metadata,
        artists,
    };
    match args.json {
        true => output::json(&inspection),
        false => output::line(card_text(&inspection)?),
    }
}

/// The card as text, one line per entry.
fn card_text(inspection: &Inspection) -> Result<String> {
    let Inspection {
        metadata, artists, ..
    } = inspection;
    let card = &metadata.card;
    let groups = group_name(&card.data);
    let mut lines = vec![
        card.name.clone(),
        String::new(),
        format!("labels      {}", metadata.labels.join(", ")),
        format!(
            "network     {}",
            serde_json::to_string(&metadata.network.model)?
        ),
        format!(
            "size        {} parameters, {:.1} million multiply-adds per window",
            card.n_parameters,
            card.multiply_adds as f64 / 1e6
        ),
        format!(
            "features    {} (fingerprint {})",
            serde_json::to_string(&metadata.network.input)?,
            metadata.network.fingerprint
        ),
        format!("SHA-256     {}", inspection.weights_sha256),
        format!(
            "data        {}: {} rows{}",
            card.data.file,
            card.data.rows,
            groups.map_or(String::new(), |groups| format!(
                " from {} {groups}",
                card.data.artists
            ))
        ),
        format!("trained on  {}", card.fitted_on),
    ];
    lines.extend(groups.map(|groups| {
        format!(
            "sets        {} {groups} in the training set, {} in the validation set, {} in the test set",
            artists.train, artists.validation, artists.test
        )
    }));
    lines.extend([
        format!(
            "split       {}, {} folds",
            serde_json::to_string(&card.split)?,
            card.folds
        ),
        format!("recipe      {}", serde_json::to_string(&card.recipe)?),
        format!("command     {}", card.command),
        format!(
            "confident   from {:.0} %, at temperature {:.3}: covers {:.0} % of rows, of which {:.0} % are correct",
            metadata.threshold * 100.0,
            metadata.temperature,
            card.confident.coverage * 100.0,
            card.confident.accuracy * 100.0
        ),
    ]);
    lines.extend(card.figures.iter().map(figures_line));
    lines.extend(card.estimates.iter().map(estimate_line));
    Ok(lines.join("\n"))
}

fn estimate_line(estimate: &Estimate) -> String {
    let Estimate { name, r2, shown } = estimate;
    let note = if *shown { "" } else { ", too low to be shown" };
    format!("estimate    {name}: R2 {r2:.3}{note}")
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
        "figures     {part}: {n} rows, top-1 {}, top-3 {}, balanced {}, macro F1 {macro_f1:.3}, ECE {ece:.3} ({raw_ece:.3} without temperature scaling)",
        percent(*top1),
        percent(*top3),
        percent(*balanced)
    )
}

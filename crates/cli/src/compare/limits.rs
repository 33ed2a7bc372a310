//! What keeps the networks from more: what they say of the same rows, where their errors lie, and what
//! more artists would help.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anyhow::Result;
use tonearm::evaluation::calibration::HeldOut;
use tonearm::evaluation::metrics::{Metrics, argmax, group_interval};

use super::{Args, Ours, figure, percent};
use crate::sources::{held_out, join};

/// A figure that is below what was aimed at.
struct Aim {
    name: &'static str,
    what: &'static str,
    /// The true label is to be among so many.
    first: usize,
    percent: f64,
}

const MISSED: [Aim; 4] = [
    Aim {
        name: "cnn",
        what: "CNN, top-3",
        first: 3,
        percent: 84.0,
    },
    Aim {
        name: "fusion",
        what: "fusion, top-1",
        first: 1,
        percent: 57.0,
    },
    Aim {
        name: "fusion",
        what: "fusion, top-3",
        first: 3,
        percent: 86.0,
    },
    Aim {
        name: "mlp-rock-electronic",
        what: "MLP, Rock or Electronic",
        first: 1,
        percent: 82.0,
    },
];

/// What follows the names of the records of a learning curve.
const CURVE: [&str; 4] = ["-eighth", "-quarter", "-half", ""];

/// All of it, as Markdown.
///
/// # Errors
/// If a weights file or record is missing or broken.
pub fn section(args: &Args) -> Result<String> {
    let parts = [
        "\n## What limits it".to_owned(),
        missed(args)?,
        together(args)?,
        by_artist(args)?,
        by_genre(&Ours::read(args, "fusion")?),
        learning_curve(args)?,
    ];
    Ok(parts.join("\n\n"))
}

/// The aims that are missed, and how sure that is.
fn missed(args: &Args) -> Result<String> {
    let mut text =
        "| figure | target | reached | 95 % interval |\n| --- | --- | --- | --- |".to_owned();
    for aim in &MISSED {
        let ours = Ours::read(args, aim.name)?;
        let right = right(&ours.answers, aim.first);
        let [low, high] = group_interval(&right, &ours.answers.artists);
        let reached = match &ours.metadata.card.repeats {
            Some(seeds) => format!(
                "{}, standard deviation {:.2} over {} seeds",
                percent(seeds.mean),
                seeds.deviation * 100.0,
                seeds.n
            ),
            None => percent(share(&right)),
        };
        text += &format!(
            "\n| {} | {:.0} | {reached} | {} to {} |",
            aim.what,
            aim.percent,
            percent(low),
            percent(high)
        );
    }
    Ok(text)
}

/// What the networks would reach together if one knew which of them to believe.
fn together(args: &Args) -> Result<String> {
    let read = |name| Ours::read(args, name);
    let (mut fusion, mut cnn, mut rnn) = (read("fusion")?, read("cnn")?, read("rnn")?);
    join(&mut fusion.rows, &mut [&mut cnn.rows, &mut rnn.rows]);
    let [fusion, cnn, rnn] = [fusion, cnn, rnn].map(|ours| held_out(&ours.rows));

    let n = fusion.truth.len();
    let mut text = format!("| accuracy on {n} rows | top-1 | top-3 |\n| --- | --- | --- |");
    let either = |first| {
        let pairs = right(&cnn, first).into_iter().zip(right(&rnn, first));
        pairs.map(|(cnn, rnn)| cnn || rnn).collect()
    };
    for (name, [top1, top3]) in [
        ("CNN", [1, 3].map(|first| right(&cnn, first))),
        ("RNN", [1, 3].map(|first| right(&rnn, first))),
        ("fusion", [1, 3].map(|first| right(&fusion, first))),
        (
            "oracle: the CNN or the RNN, whichever is correct",
            [1, 3].map(either),
        ),
    ] {
        let (top1, top3) = (percent(share(&top1)), percent(share(&top3)));
        text += &format!("\n| {name} | {top1} | {top3} |");
    }
    let named = |answers: &HeldOut| {
        answers
            .logits
            .iter()
            .map(|row| argmax(row))
            .collect::<Vec<_>>()
    };
    let (cnn, rnn) = (named(&cnn), named(&rnn));
    let wrong =
        (0..n).filter(|&row| cnn[row] != fusion.truth[row] && rnn[row] != fusion.truth[row]);
    let alike: Vec<bool> = wrong.map(|row| cnn[row] == rnn[row]).collect();
    text += &format!(
        "\n\nWhere the CNN and the RNN are both wrong, they predict the same genre in {} % of the rows.",
        percent(share(&alike))
    );
    Ok(text)
}

/// How the errors are spread over the artists.
fn by_artist(args: &Args) -> Result<String> {
    let mut text = "| network | artists | top-1, mean over rows | top-1, mean over artists | top-1 without \
                    the artist with the most rows | tenth of the artists with the most errors: share of \
                    rows | share of errors | artists with 3 rows or more: all rows wrong | expected if \
                    errors were independent |\n\
                    | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        .to_owned();
    for (what, name) in [("CNN", "cnn"), ("RNN", "rnn"), ("fusion", "fusion")] {
        let answers = Ours::read(args, name)?.answers;
        let mut artists: BTreeMap<i32, Vec<bool>> = BTreeMap::new();
        for (right, artist) in right(&answers, 1).into_iter().zip(answers.artists) {
            artists.entry(artist).or_default().push(right);
        }
        let mut artists: Vec<Vec<bool>> = artists.into_values().collect();
        let n = artists.len();
        let of_artists = artists.iter().map(|rows| share(rows)).sum::<f64>() / n as f64;
        let rows = artists.concat();

        artists.sort_by_key(Vec::len);
        let without_largest = artists[..n - 1].concat();
        artists.sort_by_key(|rows| Reverse(errors(rows)));
        let worst = artists[..n / 10].concat();

        artists.retain(|rows| rows.len() >= 3);
        let all_wrong: Vec<bool> = artists.iter().map(|rows| !rows.contains(&true)).collect();
        let error = 1.0 - share(&rows);
        let alone = artists.iter().map(|rows| error.powi(rows.len() as i32));
        let alone = alone.sum::<f64>() / artists.len() as f64;
        text += &format!(
            "\n| {what} | {n} | {} | {} | {} ({} rows fewer) | {} % | {} % | {} % | {} % |",
            percent(share(&rows)),
            percent(of_artists),
            percent(share(&without_largest)),
            rows.len() - without_largest.len(),
            percent(worst.len() as f64 / rows.len() as f64),
            percent(errors(&worst) as f64 / errors(&rows) as f64),
            percent(share(&all_wrong)),
            percent(alone)
        );
    }
    Ok(text)
}

/// Which genres the errors are of, and what the tracks are taken for.
fn by_genre(fusion: &Ours) -> String {
    let answers = &fusion.answers;
    let labels = &fusion.metadata.labels;
    let metrics = Metrics::new(&answers.probabilities(1.0), &answers.truth, labels);
    let in_top3 = right(answers, 3);
    let all_errors = errors(&right(answers, 1)) as f64;
    let mut text = "| fusion, by genre | rows | top-1 | top-3 | share of all errors | most often confused with |\n\
                    | --- | --- | --- | --- | --- | --- |"
        .to_owned();
    for (label, class) in metrics.per_class.iter().enumerate() {
        let rows = in_top3.iter().zip(&answers.truth);
        let top3: Vec<bool> = rows
            .filter(|(_, truth)| **truth == label)
            .map(|(r, _)| *r)
            .collect();
        let n = f64::from(class.n);
        let mut taken: Vec<(u32, &str)> = (0..labels.len())
            .filter(|&other| other != label)
            .map(|other| (metrics.confusion[label][other], labels[other].as_str()))
            .collect();
        taken.sort_by_key(|(count, _)| Reverse(*count));
        let taken: Vec<String> = taken
            .iter()
            .take(2)
            .map(|(count, other)| format!("{other} {} %", percent(f64::from(*count) / n)))
            .collect();
        text += &format!(
            "\n| {} | {} | {} | {} | {} % | {} |",
            class.label,
            class.n,
            percent(class.recall),
            percent(share(&top3)),
            percent(n * (1.0 - class.recall) / all_errors),
            taken.join(", ")
        );
    }
    text
}

/// What networks reach that learned from fewer artists, or rows of a table.
fn learning_curve(args: &Args) -> Result<String> {
    let mut text = "| trained on | an eighth | a quarter | half | all |\n\
                    | --- | --- | --- | --- | --- |"
        .to_owned();
    for (what, name) in [
        ("RNN (share of the artists)", "rnn"),
        (
            "MLP, Rock or Electronic (share of the rows)",
            "mlp-rock-electronic",
        ),
    ] {
        text += &format!("\n| {what} |");
        for part in CURVE {
            let record = format!("{name}{part}");
            text += &format!(" {} |", figure(&args.records, &record, "all rows")?);
        }
    }
    Ok(text)
}

/// Of each row, whether the true label is among so many of the most probable.
fn right(answers: &HeldOut, first: usize) -> Vec<bool> {
    let is_right = |(row, &label): (&Vec<f32>, &usize)| {
        row.iter().filter(|&&logit| logit > row[label]).count() < first
    };
    answers
        .logits
        .iter()
        .zip(&answers.truth)
        .map(is_right)
        .collect()
}

/// Share of them that is true.
fn share(right: &[bool]) -> f64 {
    1.0 - errors(right) as f64 / right.len() as f64
}

fn errors(right: &[bool]) -> usize {
    right.iter().filter(|&&right| !right).count()
}

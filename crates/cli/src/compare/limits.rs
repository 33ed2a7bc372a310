//! What limits the accuracy: whether the networks make the same errors, how the errors are distributed, and
//! how the accuracy depends on the amount of training data.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anyhow::Result;
use tonearm::evaluation::calibration::HeldOut;
use tonearm::evaluation::intervals::group_interval;
use tonearm::evaluation::metrics::{Metrics, argmax};

use super::networks::{Folders, Ours, figure};
use crate::input::sources::{held_out, join};
use crate::output::{percent_interval, percent_value};

/// A figure that misses its target.
struct MissedTarget {
    name: &'static str,
    title: &'static str,
    /// 1 for top-1 accuracy, 3 for top-3 accuracy.
    k: usize,
    /// The target.
    percent: f64,
}

const MISSED_TARGETS: [MissedTarget; 4] = [
    MissedTarget {
        name: "cnn",
        title: "CNN, top-3",
        k: 3,
        percent: 84.0,
    },
    MissedTarget {
        name: "fusion",
        title: "fusion, top-1",
        k: 1,
        percent: 57.0,
    },
    MissedTarget {
        name: "fusion",
        title: "fusion, top-3",
        k: 3,
        percent: 86.0,
    },
    MissedTarget {
        name: "mlp-rock-electronic",
        title: "MLP, Rock or Electronic",
        k: 1,
        percent: 82.0,
    },
];

/// Suffixes of the records of a learning curve.
const CURVE_SUFFIXES: [&str; 4] = ["-eighth", "-quarter", "-half", ""];

/// The section as Markdown.
///
/// # Errors
/// If a weights file or record is missing or damaged.
pub fn section(folders: &Folders) -> Result<String> {
    let parts = [
        "\n## What limits it".to_owned(),
        missed_targets(folders)?,
        oracle(folders)?,
        by_artist(folders)?,
        by_genre(&Ours::read(folders, "fusion")?),
        learning_curve(folders)?,
    ];
    Ok(parts.join("\n\n"))
}

/// The missed targets, with confidence intervals.
fn missed_targets(folders: &Folders) -> Result<String> {
    let mut text =
        "| figure | target | reached | 95 % interval |\n| --- | --- | --- | --- |".to_owned();
    for target in &MISSED_TARGETS {
        let ours = Ours::read(folders, target.name)?;
        let correct = correct(&ours.held_out, target.k);
        let interval = group_interval(&correct, &ours.held_out.artists);
        let reached = match &ours.metadata.card.repeats {
            Some(seeds) => format!(
                "{}, standard deviation {:.2} over {} seeds",
                percent_value(seeds.mean),
                seeds.deviation * 100.0,
                seeds.n
            ),
            None => percent_value(accuracy(&correct)),
        };
        text += &format!(
            "\n| {} | {:.0} | {reached} | {} |",
            target.title,
            target.percent,
            percent_interval(interval)
        );
    }
    Ok(text)
}

/// Accuracy of the networks, and of an oracle that picks the better one for each row.
fn oracle(folders: &Folders) -> Result<String> {
    let read = |name| Ours::read(folders, name);
    let (mut fusion, mut cnn, mut rnn) = (read("fusion")?, read("cnn")?, read("rnn")?);
    join(&mut fusion.rows, &mut [&mut cnn.rows, &mut rnn.rows]);
    let [fusion, cnn, rnn] = [fusion, cnn, rnn].map(|ours| held_out(&ours.rows));

    let n = fusion.truth.len();
    let mut text = format!("| accuracy on {n} rows | top-1 | top-3 |\n| --- | --- | --- |");
    let either = |k| {
        let pairs = correct(&cnn, k).into_iter().zip(correct(&rnn, k));
        pairs.map(|(cnn, rnn)| cnn || rnn).collect()
    };
    for (name, [top1, top3]) in [
        ("CNN", [1, 3].map(|k| correct(&cnn, k))),
        ("RNN", [1, 3].map(|k| correct(&rnn, k))),
        ("fusion", [1, 3].map(|k| correct(&fusion, k))),
        (
            "oracle: the CNN or the RNN, whichever is correct",
            [1, 3].map(either),
        ),
    ] {
        let (top1, top3) = (
            percent_value(accuracy(&top1)),
            percent_value(accuracy(&top3)),
        );
        text += &format!("\n| {name} | {top1} | {top3} |");
    }
    let predictions = |held_out: &HeldOut| held_out.logits.rows().map(argmax).collect::<Vec<_>>();
    let (cnn, rnn) = (predictions(&cnn), predictions(&rnn));
    let both_wrong =
        (0..n).filter(|&row| cnn[row] != fusion.truth[row] && rnn[row] != fusion.truth[row]);
    let same_prediction: Vec<bool> = both_wrong.map(|row| cnn[row] == rnn[row]).collect();
    text += &format!(
        "\n\nWhere the CNN and the RNN are both wrong, they predict the same genre in {} % of the rows.",
        percent_value(accuracy(&same_prediction))
    );
    Ok(text)
}

/// How the errors are distributed over the artists.
fn by_artist(folders: &Folders) -> Result<String> {
    let mut text = "| network | artists | top-1, mean over rows | top-1, mean over artists | top-1 without \
                    the artist with the most rows | tenth of the artists with the most errors: share of \
                    rows | share of errors | artists with 3 rows or more: all rows wrong | expected if \
                    errors were independent |\n\
                    | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        .to_owned();
    for (title, name) in [("CNN", "cnn"), ("RNN", "rnn"), ("fusion", "fusion")] {
        let held_out = Ours::read(folders, name)?.held_out;
        let mut artists: BTreeMap<i32, Vec<bool>> = BTreeMap::new();
        for (is_correct, artist) in correct(&held_out, 1).into_iter().zip(held_out.artists) {
            artists.entry(artist).or_default().push(is_correct);
        }
        let mut artists: Vec<Vec<bool>> = artists.into_values().collect();
        let n = artists.len();
        let mean_over_artists = artists.iter().map(|rows| accuracy(rows)).sum::<f64>() / n as f64;
        let rows = artists.concat();

        artists.sort_by_key(Vec::len);
        let without_largest = artists[..n - 1].concat();
        artists.sort_by_key(|rows| Reverse(n_errors(rows)));
        let worst = artists[..n / 10].concat();

        artists.retain(|rows| rows.len() >= 3);
        let all_wrong: Vec<bool> = artists.iter().map(|rows| !rows.contains(&true)).collect();
        let error_rate = 1.0 - accuracy(&rows);
        let independent = artists
            .iter()
            .map(|rows| error_rate.powi(rows.len() as i32));
        let independent = independent.sum::<f64>() / artists.len() as f64;
        text += &format!(
            "\n| {title} | {n} | {} | {} | {} ({} rows fewer) | {} % | {} % | {} % | {} % |",
            percent_value(accuracy(&rows)),
            percent_value(mean_over_artists),
            percent_value(accuracy(&without_largest)),
            rows.len() - without_largest.len(),
            percent_value(worst.len() as f64 / rows.len() as f64),
            percent_value(n_errors(&worst) as f64 / n_errors(&rows) as f64),
            percent_value(accuracy(&all_wrong)),
            percent_value(independent)
        );
    }
    Ok(text)
}

/// How the errors are distributed over the genres, and the most frequent confusions.
fn by_genre(fusion: &Ours) -> String {
    let held_out = &fusion.held_out;
    let labels = &fusion.metadata.labels;
    let metrics = Metrics::new(&held_out.probabilities(1.0), &held_out.truth, labels);
    let in_top3 = correct(held_out, 3);
    let all_errors = n_errors(&correct(held_out, 1)) as f64;
    let mut text = "| fusion, by genre | rows | top-1 | top-3 | share of all errors | most often confused with |\n\
                    | --- | --- | --- | --- | --- | --- |"
        .to_owned();
    for (label, class) in metrics.per_class.iter().enumerate() {
        let rows = in_top3.iter().zip(&held_out.truth);
        let top3: Vec<bool> = rows
            .filter(|(_, truth)| **truth == label)
            .map(|(r, _)| *r)
            .collect();
        let n = f64::from(class.n);
        let mut confusions: Vec<(u32, &str)> = (0..labels.len())
            .filter(|&other| other != label)
            .map(|other| (metrics.confusion[label][other], labels[other].as_str()))
            .collect();
        confusions.sort_by_key(|(count, _)| Reverse(*count));
        let confusions: Vec<String> = confusions
            .iter()
            .take(2)
            .map(|(count, other)| format!("{other} {} %", percent_value(f64::from(*count) / n)))
            .collect();
        text += &format!(
            "\n| {} | {} | {} | {} | {} % | {} |",
            class.label,
            class.n,
            percent_value(class.recall),
            percent_value(accuracy(&top3)),
            percent_value(n * (1.0 - class.recall) / all_errors),
            confusions.join(", ")
        );
    }
    text
}

/// Accuracy by the fraction of the artists, or rows of a table, in the training set.
fn learning_curve(folders: &Folders) -> Result<String> {
    let mut text = "| trained on | an eighth | a quarter | half | all |\n\
                    | --- | --- | --- | --- | --- |"
        .to_owned();
    for (title, name) in [
        ("RNN (share of the artists)", "rnn"),
        (
            "MLP, Rock or Electronic (share of the rows)",
            "mlp-rock-electronic",
        ),
    ] {
        text += &format!("\n| {title} |");
        for suffix in CURVE_SUFFIXES {
            let record = format!("{name}{suffix}");
            text += &format!(" {} |", figure(folders.records, &record, "all rows")?);
        }
    }
    Ok(text)
}

/// For each row, whether the true label is among the `k` most probable.
fn correct(held_out: &HeldOut, k: usize) -> Vec<bool> {
    let is_correct = |(row, &label): (&[f32], &usize)| {
        row.iter().filter(|&&logit| logit > row[label]).count() < k
    };
    held_out
        .logits
        .rows()
        .zip(&held_out.truth)
        .map(is_correct)
        .collect()
}

/// Fraction of the elements that are true.
fn accuracy(correct: &[bool]) -> f64 {
    1.0 - n_errors(correct) as f64 / correct.len() as f64
}

fn n_errors(correct: &[bool]) -> usize {
    correct.iter().filter(|&&correct| !correct).count()
}

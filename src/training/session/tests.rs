//! Steps that fail or are dropped before they end.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use half::f16;
use pollster::block_on;

use super::*;
use crate::models::interruption::{self, Interruption};
use crate::training::project::{Effort, File, FileFeatures, RecipeName, fingerprint};

/// A table of twelve rows, or an audio project of four files with made-up features.
fn project(recipe: RecipeName) -> Project {
    let classes = ["Low", "High"].map(String::from).to_vec();
    if recipe == RecipeName::Mlp {
        let mut project = Project::of_table("Rows", classes, vec!["height".into()])
            .expect("the table has columns");
        for row in 0..12_usize {
            let added = project.add_row(row.to_string(), row % 2, None, &[(row % 2) as f32]);
            added.expect("the row matches the table");
        }
        return project;
    }
    let mut project = Project::new("Files", classes);
    for index in 0..4 {
        let features = FileFeatures {
            mel: vec![60 * (1 + index % 2) as u8; 2 * 128 * 128],
            mfcc: vec![f16::ONE; 2 * 10 * 130 * 20],
            fingerprint: fingerprint(),
        };
        let file = File {
            name: index.to_string(),
            class: index % 2,
            artist: None,
            seconds: 60.0,
            windows: 2,
        };
        project
            .add(file, &features)
            .expect("the features match the file");
    }
    project
}

fn session(recipe: RecipeName) -> Session {
    let base = Weights::read(include_bytes!("../../../pkg/weights/fusion.bpk"));
    let settings = Settings {
        folds: 2,
        epochs: 2,
        batch: 4,
        ..Settings::new(recipe, Effort::Quick)
    };
    let base = base.expect("the shipped weights are valid");
    let session = Session::new(&project(recipe), settings, &base, &Device::flex());
    session.expect("the project is trainable")
}

/// Kind and progress of a step, without figures: other tests share the random number generator.
fn kind(step: &Step) -> String {
    match step {
        Step::Epoch(epoch) => format!("epoch {} of fit {}", epoch.epoch, epoch.fold),
        step => format!("{step:?}"),
    }
}

/// Takes the steps of a run to its end, each interrupted first if it reads from the device. Returns
/// them, and the number of interruptions.
fn steps(session: &mut Session, interruption: Option<Interruption>) -> (Vec<String>, usize) {
    let (mut steps, mut n_interrupted) = (Vec::new(), 0);
    loop {
        interruption::set(interruption);
        let mut context = Context::from_waker(Waker::noop());
        // Dropped at the end of the statement, suspended or not.
        let attempt = pin!(session.step()).poll(&mut context);
        interruption::set(None);
        let step = match attempt {
            Poll::Ready(Ok(step)) => step,
            Poll::Ready(Err(_)) | Poll::Pending => {
                n_interrupted += 1;
                block_on(session.step()).expect("training works")
            }
        };
        steps.push(kind(&step));
        if matches!(step, Step::Finished) {
            return (steps, n_interrupted);
        }
    }
}

#[test]
fn a_run_continues_after_steps_that_failed_or_were_dropped() {
    for recipe in [RecipeName::Mlp, RecipeName::Transfer, RecipeName::FineTune] {
        let (expected, n_interrupted) = steps(&mut session(recipe), None);
        assert_eq!(n_interrupted, 0);
        for interruption in [Interruption::Suspend, Interruption::Fail] {
            let mut session = session(recipe);
            let (got, n_interrupted) = steps(&mut session, Some(interruption));
            assert_eq!(got, expected, "{recipe:?}");
            // At least the end of each of six epochs and the evaluation of each fold.
            assert!(n_interrupted >= 8, "{n_interrupted} interruptions");

            let outcome = block_on(session.finish("", "")).expect("the run is over");
            let report = outcome.report;
            assert_eq!(report.validation.len(), report.train.len());
            assert!(report.first_loss.is_finite());
        }
    }
}

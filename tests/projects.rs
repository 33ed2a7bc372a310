//! Projects: their archives, and training runs with the shipped CNN as backbone.
//!
//! A separate test program, as `training.rs`: all trainers on a device share its random number
//! generator.

#[path = "support/noise.rs"]
mod noise;

use std::io::{Cursor, Write};
use std::sync::Mutex;

use burn::tensor::Device;
use pollster::block_on;
use tonearm::classifier::Classifier;
use tonearm::recipe::EpochSelection;
use tonearm::training::project::{self, Effort, File, FileFeatures, Project, RecipeName, Settings};
use tonearm::training::session::{Note, Outcome, Report, Session, Step};
use tonearm::training::trainer::CheckpointContents;
use tonearm::weights::Weights;
use tonearm::{Clip, Error};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use noise::Noise;

/// Serialises the tests that train, because trainers on one device share its random number
/// generator.
static DEVICE: Mutex<()> = Mutex::new(());

const RATE: u32 = 22_050;

fn base() -> Weights {
    Weights::read(include_bytes!("../pkg/weights/fusion.bpk"))
        .expect("the shipped weights are valid")
}

/// Four seconds of a class: a chord, bursts of noise, or a sliding tone.
fn clip(class: usize, seed: u32) -> Clip {
    let mut noise = Noise(seed.wrapping_mul(2_654_435_761));
    let pitch = 200.0 + 40.0 * (seed % 7) as f32;
    let sample = |index: u32| {
        let t = index as f32 / RATE as f32;
        let tone = |hertz: f32| (std::f32::consts::TAU * hertz * t).sin();
        let hiss = noise.sample();
        match class {
            0 => 0.2 * (tone(pitch) + tone(pitch * 1.25) + tone(pitch * 1.5)) + 0.01 * hiss,
            1 => 0.5 * hiss * f32::from(u8::from((t * 4.0).fract() < 0.3)),
            _ => 0.4 * tone(pitch * (1.0 + t / 4.0)) + 0.01 * hiss,
        }
    };
    Clip::new((0..RATE * 4).map(sample).collect(), RATE).expect("the samples are valid")
}

fn file(name: &str, class: usize, features: &FileFeatures) -> File {
    File {
        name: name.to_owned(),
        class,
        artist: None,
        seconds: 4.0,
        windows: features.n_windows(),
    }
}

/// Three classes with `n_files` files each.
fn project(n_files: u32) -> Project {
    let classes = ["Chord", "Bursts", "Slide"].map(String::from).to_vec();
    let mut project = Project::new("Sounds", classes);
    for seed in 0..n_files {
        for class in 0..3 {
            let features = project::features(clip(class, seed)).expect("the clip is not silent");
            let file = file(&format!("{class}-{seed}.wav"), class, &features);
            project.add(file, &features).expect("the features match");
        }
    }
    project
}

fn settings() -> Settings {
    Settings {
        epochs: 12,
        ..Settings::new(RecipeName::Transfer, Effort::Quick)
    }
}

fn session(project: &Project, settings: &Settings) -> Session {
    Session::new(project, settings.clone(), &base(), &Device::flex())
        .expect("the project is trainable")
}

fn run_to_end(session: &mut Session) -> Outcome {
    while !matches!(
        block_on(session.step()).expect("training works"),
        Step::Finished
    ) {}
    block_on(session.finish("2026-11-23", "tonearm train")).expect("the run is over")
}

fn bytes(outcome: &Outcome) -> Vec<u8> {
    outcome.weights.to_bytes().expect("serialisable")
}

/// Checks that a classifier's predictions for the validation files equal those of the report.
fn assert_predictions_match(classifier: &Classifier, report: &Report) {
    for prediction in &report.predictions {
        let file = prediction.file;
        let mut analysis = classifier
            .analysis(clip(file % 3, file as u32 / 3))
            .expect("the clip is long enough");
        while block_on(analysis.step()).expect("classification works") {}
        let (analysed, _) = analysis.finish();
        let probabilities = analysed.probabilities.expect("the clip is not silent");
        for (label, got) in probabilities.ranked() {
            let mut classes = report.metrics.per_class.iter();
            let class = classes.position(|class| class.label == label);
            let expected = prediction.probabilities[class.expect("the label is a class")];
            assert!(
                (got - expected).abs() < 1e-2,
                "{label}: {got} for {expected}"
            );
        }
    }
}

#[test]
fn the_trained_classifier_predicts_as_its_report_says() {
    let _lock = DEVICE.lock();
    let project = project(6);
    let outcome = run_to_end(&mut session(&project, &settings()));
    let report = &outcome.report;
    assert_eq!(report.metrics.top1, 1.0, "{:?}", report.metrics.confusion);
    // The last epoch, so that the validation files do not influence the network.
    assert_eq!(report.kept_epoch, 12);
    assert_eq!(report.notes, []);
    assert_eq!(report.metrics.n, report.validation.len());
    assert!(
        report
            .train
            .iter()
            .all(|file| !report.validation.contains(file))
    );
    assert_eq!(report.coordinates.len(), 18);

    let classifier =
        Classifier::from_bytes(&bytes(&outcome), &Device::flex()).expect("the weights are valid");
    assert_predictions_match(&classifier, report);
    let card = &classifier.metadata().card;
    assert_eq!((&card.date[..], card.data.rows), ("2026-11-23", 18));
    assert!(card.fitted_on.contains("of Chord"), "{}", card.fitted_on);
}

#[test]
fn every_recipe_trains_a_classifier_and_resumes_from_a_checkpoint() {
    let _lock = DEVICE.lock();
    let project = project(3);
    for recipe in [RecipeName::FineTune, RecipeName::Cnn, RecipeName::Rnn] {
        let settings = Settings {
            epochs: 3,
            ..Settings::new(recipe, Effort::Quick)
        };
        let outcome = run_to_end(&mut session(&project, &settings));
        assert_eq!(outcome.report.metrics.n, 3);
        assert_eq!(outcome.report.coordinates.len(), 9);
        let made = bytes(&outcome);
        let classifier =
            Classifier::from_bytes(&made, &Device::flex()).expect("the weights are valid");
        assert_predictions_match(&classifier, &outcome.report);

        for stop_after in [1, 3] {
            let mut first = session(&project, &settings);
            let mut epochs = 0;
            while epochs < stop_after {
                let step = block_on(first.step()).expect("training works");
                epochs += usize::from(matches!(step, Step::Epoch(_)));
            }
            let mut second = session(&project, &settings);
            let checkpoint =
                block_on(first.checkpoint(CheckpointContents::All)).expect("the CPU can be read");
            second.restore(&checkpoint).expect("the run is the same");
            let resumed = run_to_end(&mut second);
            assert!(
                bytes(&resumed) == made,
                "{recipe:?} after {stop_after} epochs"
            );
        }
    }
}

#[test]
fn fine_tuning_leaves_the_frozen_blocks_unchanged() {
    let _lock = DEVICE.lock();
    let project = project(2);
    let settings = Settings {
        epochs: 2,
        ..Settings::new(RecipeName::FineTune, Effort::Quick)
    };
    let outcome = run_to_end(&mut session(&project, &settings));
    let base = base();
    let changed = |name: &str| {
        let of = |weights: &Weights, network: &str| {
            let mut all = weights.parameters();
            let (_, full, _) = all
                .find(|(of, full, _)| *of == network && full.ends_with(name))
                .expect("the parameter exists");
            weights.parameter(network, full)
        };
        of(&base, "cnn") != of(&outcome.weights, "network")
    };
    assert!(!changed("blocks.0.conv.weight") && !changed("blocks.3.norm.running_mean"));
    assert!(changed("blocks.4.conv.weight") && changed("blocks.5.norm.running_mean"));
}

#[test]
fn a_resumed_run_ends_with_the_same_weights() {
    let _lock = DEVICE.lock();
    let project = project(4);
    let settings = Settings {
        folds: 2,
        epochs: 4,
        ..settings()
    };
    let whole = run_to_end(&mut session(&project, &settings));
    // In the first fold, between two folds, and in the final fit on all files.
    for stop_after in [2, 4, 9] {
        let mut first = session(&project, &settings);
        let mut epochs = 0;
        while epochs < stop_after {
            let step = block_on(first.step()).expect("training works");
            epochs += usize::from(matches!(step, Step::Epoch(_)));
        }
        let checkpoint =
            block_on(first.checkpoint(CheckpointContents::All)).expect("the CPU can be read");
        let mut second = session(&project, &settings);
        second.restore(&checkpoint).expect("the run is the same");
        assert!(
            bytes(&run_to_end(&mut second)) == bytes(&whole),
            "after {stop_after} epochs"
        );
    }
    assert_eq!(whole.report.validation.len(), 12);
    assert_eq!(whole.report.train.len(), 12);
}

#[test]
fn a_run_resumed_without_optimizer_state_reports_the_reset() {
    let _lock = DEVICE.lock();
    let project = project(4);
    let settings = Settings {
        epochs: 4,
        ..settings()
    };
    let whole = run_to_end(&mut session(&project, &settings));
    assert_eq!(whole.report.notes, []);
    let mut first = session(&project, &settings);
    while !matches!(
        block_on(first.step()).expect("training works"),
        Step::Epoch(_)
    ) {}
    let checkpoint =
        block_on(first.checkpoint(CheckpointContents::Networks)).expect("the CPU can be read");
    let mut second = session(&project, &settings);
    second.restore(&checkpoint).expect("the run is the same");
    let resumed = run_to_end(&mut second);
    assert_eq!(resumed.report.notes, [Note::OptimizerReset { times: 1 }]);
    assert_eq!(resumed.report.first_loss, whole.report.first_loss);
    assert!(
        bytes(&resumed) != bytes(&whole),
        "Adam starts without its moments"
    );
}

#[test]
fn a_run_resumed_after_its_last_epoch_reports_no_reset() {
    let _lock = DEVICE.lock();
    let project = project(4);
    let mut first = session(&project, &settings());
    let mut epochs = 0;
    while epochs < settings().epochs {
        let step = block_on(first.step()).expect("training works");
        epochs += usize::from(matches!(step, Step::Epoch(_)));
    }
    let checkpoint =
        block_on(first.checkpoint(CheckpointContents::Networks)).expect("the CPU can be read");
    let mut second = session(&project, &settings());
    second.restore(&checkpoint).expect("the run is the same");
    let resumed = run_to_end(&mut second);
    assert_eq!(resumed.report.notes, []);
    assert!(
        bytes(&resumed) == bytes(&run_to_end(&mut first)),
        "the network is the same"
    );
}

#[test]
fn a_checkpoint_of_other_values_is_refused() {
    let _lock = DEVICE.lock();
    let settings = Settings::new(RecipeName::Mlp, Effort::Quick);
    let mut first = session(&table(), &settings);
    while !matches!(
        block_on(first.step()).expect("training works"),
        Step::Epoch(_)
    ) {}
    let checkpoint =
        block_on(first.checkpoint(CheckpointContents::All)).expect("the CPU can be read");
    let mut corrected = Project::of_table(
        "Rows",
        table().manifest.classes,
        vec!["height".into(), "noise".into()],
    )
    .expect("the table has columns");
    for (row, values) in table().values().chunks_exact(2).enumerate() {
        let added = corrected.add_row(row.to_string(), row % 2, None, &[-values[0], values[1]]);
        added.expect("the row matches the table");
    }
    let refused = session(&corrected, &settings).restore(&checkpoint);
    let message = refused.expect_err("the values differ").to_string();
    assert!(
        message.contains("its run must have the same data"),
        "{message}"
    );
}

#[test]
fn a_stopped_run_keeps_its_best_epoch() {
    let _lock = DEVICE.lock();
    let project = project(4);
    let in_steps = Settings {
        batch: 4,
        ..settings()
    };
    let mut session = session(&project, &in_steps);
    assert!(!session.stop(), "no epoch has ended yet");
    while !matches!(
        block_on(session.step()).expect("training works"),
        Step::Epoch(_)
    ) {}
    block_on(session.step()).expect("training works");
    assert!(session.stop(), "an epoch has ended");
    let outcome = run_to_end(&mut session);
    assert_eq!(outcome.report.kept_epoch, 1);
    assert_eq!(outcome.report.metrics.n, 3);
    assert_eq!(outcome.report.notes, [Note::ChosenOnValidation]);
}

#[test]
fn an_epoch_chosen_on_the_validation_files_is_reported() {
    let _lock = DEVICE.lock();
    let early = Settings {
        patience: 2,
        ..settings()
    };
    let outcome = run_to_end(&mut session(&project(4), &early));
    assert_eq!(outcome.report.notes, [Note::ChosenOnValidation]);
    let card = &outcome.weights.metadata.card;
    assert_eq!(
        card.figures[0].part,
        "validation files, which chose the epoch as well"
    );
}

#[test]
fn validation_files_are_evaluated_in_batches() {
    let _lock = DEVICE.lock();
    let settings = Settings {
        epochs: 1,
        batch: 2,
        ..settings()
    };
    let mut session = session(&project(4), &settings);
    let mut evaluated = Vec::new();
    loop {
        match block_on(session.step()).expect("training works") {
            Step::Evaluated { done, of } => evaluated.push((done, of)),
            Step::Finished => break,
            _ => {}
        }
    }
    // Two of three rows before the step that ends the epoch, and all three at the end of the fit.
    assert_eq!(evaluated, [(2, 3), (2, 3), (3, 3)]);
}

#[test]
fn a_checkpoint_that_is_damaged_or_of_other_settings_is_refused() {
    let _lock = DEVICE.lock();
    let project = project(2);
    let mut first = session(&project, &settings());
    while !matches!(
        block_on(first.step()).expect("training works"),
        Step::Epoch(_)
    ) {}
    let checkpoint =
        block_on(first.checkpoint(CheckpointContents::All)).expect("the CPU can be read");
    let other = Settings {
        seed: 1,
        ..settings()
    };
    assert!(session(&project, &other).restore(&checkpoint).is_err());
    for length in (0..checkpoint.len()).step_by(97) {
        let mut session = session(&project, &settings());
        if session.restore(&checkpoint[..length]).is_ok() {
            panic!("{length} bytes of {} are accepted", checkpoint.len());
        }
    }
}

#[test]
fn a_class_by_one_artist_is_reported() {
    let _lock = DEVICE.lock();
    let mut project = project(4);
    for file in &mut project.manifest.files {
        file.artist = (file.class == 1).then(|| "The Bursts".to_owned());
    }
    let outcome = run_to_end(&mut session(&project, &settings()));
    let note = Note::OneArtist {
        class: "Bursts".into(),
    };
    assert_eq!(outcome.report.notes, [note]);
}

#[test]
fn an_untrainable_project_is_refused_with_a_reason() {
    let refusal = |project: &Project| {
        let refused = Session::new(project, settings(), &base(), &Device::flex());
        refused.err().expect("the project is refused").to_string()
    };
    let two = project(2);
    let without = |wrong: &dyn Fn(&mut Project)| {
        let mut project = two.clone();
        wrong(&mut project);
        refusal(&project)
    };
    let message = refusal(&project(1));
    assert!(
        message.starts_with("Chord has 1 file and needs at least 2"),
        "{message}"
    );
    let message = without(&|project| project.manifest.classes[1] = "Chord".into());
    assert_eq!(message, "two classes are called Chord");
    let message = without(&|project| project.manifest.classes[1] = "  ".into());
    assert_eq!(message, "class 2 has no name");
    let message = without(&|project| project.manifest.classes.truncate(1));
    assert!(
        message.starts_with("there must be 2 to 255 classes"),
        "{message}"
    );
}

#[test]
fn a_silent_file_has_no_features() {
    let silence = Clip::new(vec![0.0; RATE as usize * 4], RATE).expect("the samples are valid");
    let error = project::features(silence).expect_err("the clip is silent");
    assert_eq!(error.to_string(), "the file is silent");
}

/// A project with made-up features, which suffice for testing archives.
fn small() -> Project {
    let features = FileFeatures {
        mel: vec![7; 128 * 128],
        mfcc: vec![half::f16::ONE; 10 * 130 * 20],
        fingerprint: project::fingerprint(),
    };
    let mut project = Project::new("Small", vec!["A".into(), "B".into()]);
    for class in [0, 1, 0] {
        let file = file("x.wav", class, &features);
        project.add(file, &features).expect("the features match");
    }
    project.manifest.settings = Some(settings());
    project.weights = Some(include_bytes!("../pkg/weights/rnn.bpk").to_vec());
    project
}

#[test]
fn features_of_another_version_are_refused() {
    let mut features = project::features(clip(0, 0)).expect("the clip is not silent");
    let mut project = Project::new("Old", vec!["Chord".into()]);
    features.fingerprint = "0-0".into();
    let file = file("old.wav", 0, &features);
    let refused = project.add(file, &features);
    let message = refused.expect_err("the fingerprint differs").to_string();
    assert!(
        message.contains("computed the features of old.wav"),
        "{message}"
    );
    assert!(project.manifest.files.is_empty());
}

#[test]
fn features_that_are_not_finite_are_refused() {
    let mut project = small();
    let mut features = project.features(0);
    features.mfcc[7] = half::f16::NAN;
    let file = file("broken.wav", 0, &features);
    let refused = project.add(file, &features);
    let message = refused.expect_err("a value is NaN").to_string();
    assert!(message.contains("broken.wav must be finite"), "{message}");
    assert_eq!(project.manifest.files.len(), 3);
}

#[test]
fn a_project_with_weights_of_another_version_opens_without_them() {
    let project = small();
    let weights = project.weights.clone().expect("the project has weights");
    // Format 2 is this version's.
    let format = b"\"format_version\":2";
    let at = weights
        .windows(format.len())
        .position(|bytes| bytes == format);
    let mut newer = weights;
    newer[at.expect("the metadata has a format") + format.len() - 1] = b'3';
    let zip = rewritten(
        |name, bytes| {
            Some(if name == "weights.bpk" {
                newer.clone()
            } else {
                bytes
            })
        },
        &[],
    );
    let opened = Project::from_zip(&zip).expect("the project can be opened");
    assert_eq!(opened.weights, None);
    assert_eq!(opened.manifest, project.manifest);
}

#[test]
fn a_project_survives_a_round_trip_through_its_archive() {
    let project = small();
    let zip = project.to_zip().expect("the project has files");
    assert_eq!(
        Project::from_zip(&zip).expect("the archive is valid"),
        project
    );
}

#[test]
fn a_truncated_archive_is_refused_and_a_damaged_one_never_panics() {
    let zip = small().to_zip().expect("the project has files");
    for length in (0..zip.len()).step_by(zip.len() / 60) {
        let cut = Project::from_zip(&zip[..length]);
        assert!(matches!(cut, Err(Error::Project { .. })), "{length} bytes");
    }
    for index in (0..zip.len()).step_by(zip.len() / 200) {
        let mut damaged = zip.clone();
        damaged[index] ^= 0x55;
        // Some damage has no effect; none may panic.
        let _ = Project::from_zip(&damaged);
    }
}

/// The archive with changed entries; `None` removes an entry.
fn rewritten(change: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>>, more: &[(&str, &[u8])]) -> Vec<u8> {
    let zip = small().to_zip().expect("the project has files");
    let mut from = ZipArchive::new(Cursor::new(&zip[..])).expect("the archive is a zip");
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut entry = from.by_index(index).expect("the entry exists");
        let name = entry.name().expect("the name is valid").to_string();
        let mut bytes = Vec::new();
        std::io::copy(&mut entry, &mut bytes).expect("the entry is readable");
        if let Some(bytes) = change(&name, bytes) {
            to.start_file(name, SimpleFileOptions::default())
                .expect("writing to memory works");
            to.write_all(&bytes).expect("writing to memory works");
        }
    }
    for (name, bytes) in more {
        to.start_file(*name, SimpleFileOptions::default())
            .expect("writing to memory works");
        to.write_all(bytes).expect("writing to memory works");
    }
    to.finish().expect("writing to memory works").into_inner()
}

fn refusal(zip: &[u8]) -> String {
    Project::from_zip(zip)
        .expect_err("the project is refused")
        .to_string()
}

fn manifest(change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
    let change = |name: &str, bytes: Vec<u8>| {
        if name != "manifest.json" {
            return Some(bytes);
        }
        let mut manifest = serde_json::from_slice(&bytes).expect("the manifest is JSON");
        change(&mut manifest);
        Some(serde_json::to_vec(&manifest).expect("the manifest is JSON"))
    };
    rewritten(change, &[])
}

#[test]
fn an_archive_with_an_unexpected_entry_is_refused() {
    let zip = rewritten(|_, bytes| Some(bytes), &[("../../etc/passwd", b"root")]);
    let message = refusal(&zip);
    assert!(
        message.contains("`../../etc/passwd` does not belong in it"),
        "{message}"
    );
}

#[test]
fn an_archive_without_a_required_entry_is_refused() {
    for part in ["manifest.json", "mel.npz", "mfcc.npz"] {
        let message = refusal(&rewritten(
            |name, bytes| (name != part).then_some(bytes),
            &[],
        ));
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn an_inconsistent_archive_is_refused() {
    let message = refusal(&manifest(|manifest| manifest["format_version"] = 9.into()));
    assert!(message.contains("update Tonearm"), "{message}");
    let message = refusal(&manifest(|manifest| {
        manifest["fingerprints"][0] = "0".into()
    }));
    assert!(
        message.contains("add the files to a new project"),
        "{message}"
    );
    let message = refusal(&manifest(|manifest| {
        manifest["files"][0]["class"] = 7.into()
    }));
    assert!(
        message.contains("the class of a file must be below 2, the number of classes, got 7"),
        "{message}"
    );
    for windows in [0_u64, 2, u64::MAX >> 1] {
        let message = refusal(&manifest(|manifest| {
            manifest["files"][0]["windows"] = windows.into()
        }));
        assert!(
            message.starts_with("the project cannot be read"),
            "{message}"
        );
    }
    let message = refusal(&manifest(|manifest| {
        manifest["settings"]["folds"] = 1.into()
    }));
    assert!(message.contains("`folds` must be"), "{message}");
    let message = refusal(&rewritten(
        |name, bytes| {
            Some(if name == "weights.bpk" {
                b"nonsense".to_vec()
            } else {
                bytes
            })
        },
        &[],
    ));
    assert!(message.starts_with("unusable weights file"), "{message}");
}

/// A table of two classes that its first column separates.
fn table() -> Project {
    let (classes, columns) = (["Low", "High"], ["height", "noise"]);
    let [classes, columns] = [classes, columns].map(|names| names.map(String::from).to_vec());
    let mut project = Project::of_table("Rows", classes, columns).expect("the table has columns");
    for row in 0..60_usize {
        let noise = (row * 37 % 11) as f32;
        let height = if row % 2 == 0 { -1.0 } else { 1.0 } + noise / 20.0;
        let added = project.add_row(row.to_string(), row % 2, None, &[height, noise]);
        added.expect("the row matches the table");
    }
    project
}

#[test]
fn a_table_can_be_trained_on_and_survives_an_archive_round_trip() {
    let _lock = DEVICE.lock();
    let mut project = table();
    let settings = Settings::new(RecipeName::Mlp, Effort::Quick);
    let outcome = run_to_end(&mut session(&project, &settings));
    assert_eq!(outcome.report.metrics.top1, 1.0);
    assert_eq!(outcome.report.coordinates.len(), 60);
    let classifier =
        Classifier::from_bytes(&bytes(&outcome), &Device::flex()).expect("the weights are valid");
    let prediction =
        block_on(classifier.features(vec![vec![1.1, 3.0]])).expect("the row matches the columns");
    assert_eq!(prediction.ranked()[0].0, "High");

    project.manifest.settings = Some(settings);
    let zip = project.to_zip().expect("the project has rows");
    assert_eq!(
        Project::from_zip(&zip).expect("the archive is valid"),
        project
    );
}

#[test]
fn a_table_without_columns_is_refused() {
    for n_columns in [0, 4097] {
        let columns = vec!["a".to_owned(); n_columns];
        let refused = Project::of_table("Rows", vec!["Low".into()], columns);
        let message = refused.expect_err("it has no columns").to_string();
        assert!(
            message.contains("`columns` must be in 1..=4096"),
            "{message}"
        );
    }
}

#[test]
fn the_final_fit_of_folds_that_stop_early_keeps_its_last_epoch() {
    let _lock = DEVICE.lock();
    let settings = Settings {
        folds: 2,
        epochs: 6,
        patience: 2,
        ..Settings::new(RecipeName::Mlp, Effort::Quick)
    };
    let outcome = run_to_end(&mut session(&table(), &settings));
    let recipe = outcome
        .weights
        .metadata
        .card
        .recipe
        .expect("it was trained");
    assert_eq!(recipe.epoch_selection, EpochSelection::Last);
    assert_eq!(recipe.patience, settings.epochs);
}

#[test]
fn rows_that_do_not_match_the_table_are_refused() {
    let mut project = table();
    for values in [&[1.0][..], &[1.0, f32::NAN], &[1.0, 2.0, 3.0]] {
        assert!(project.add_row("odd".into(), 0, None, values).is_err());
    }
    assert!(project.add_row("odd".into(), 2, None, &[1.0, 2.0]).is_err());
}

#[test]
fn a_recipe_for_the_wrong_kind_of_data_is_refused() {
    for (project, recipe) in [(table(), RecipeName::Cnn), (project(2), RecipeName::Mlp)] {
        let settings = Settings::new(recipe, Effort::Quick);
        let refused = Session::new(&project, settings, &base(), &Device::flex());
        let message = refused.err().expect("the project is refused").to_string();
        assert!(
            message.contains("a table needs the MLP recipe"),
            "{message}"
        );
    }
}

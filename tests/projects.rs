//! Projects: their archive, and runs on them with the CNN that is shipped.
//!
//! A program of its own, as `training.rs` is: a device has one generator of random numbers.

use std::io::{Cursor, Write};
use std::sync::Mutex;

use burn::tensor::Device;
use pollster::block_on;
use tonearm::classifier::Classifier;
use tonearm::training::project::{self, Effort, File, FileFeatures, Project, RecipeName, Settings};
use tonearm::training::session::{Note, Outcome, Report, Session, Step};
use tonearm::training::trainer::CheckpointContents;
use tonearm::weights::Weights;
use tonearm::{Clip, Error};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// One run at a time, since trainers on one device draw from one generator.
static DEVICE: Mutex<()> = Mutex::new(());

const RATE: u32 = 22_050;

fn base() -> Weights {
    Weights::read(include_bytes!("../pkg/weights/fusion.bpk")).expect("they are shipped")
}

/// A few seconds of a class: a chord, noise in bursts, or a sliding tone.
fn clip(class: usize, seed: u32) -> Clip {
    let mut noise = seed.wrapping_mul(2_654_435_761);
    let pitch = 200.0 + 40.0 * (seed % 7) as f32;
    let sample = |index: u32| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let t = index as f32 / RATE as f32;
        let tone = |hertz: f32| (std::f32::consts::TAU * hertz * t).sin();
        let hiss = (noise >> 8) as f32 / (1 << 23) as f32 - 1.0;
        match class {
            0 => 0.2 * (tone(pitch) + tone(pitch * 1.25) + tone(pitch * 1.5)) + 0.01 * hiss,
            1 => 0.5 * hiss * f32::from(u8::from((t * 4.0).fract() < 0.3)),
            _ => 0.4 * tone(pitch * (1.0 + t / 4.0)) + 0.01 * hiss,
        }
    };
    Clip::new((0..RATE * 4).map(sample).collect(), RATE).expect("it has samples")
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

/// Three classes of some files each.
fn project(n_files: u32) -> Project {
    let classes = ["Chord", "Bursts", "Slide"].map(String::from).to_vec();
    let mut project = Project::new("Sounds", classes);
    for seed in 0..n_files {
        for class in 0..3 {
            let features = project::features(clip(class, seed)).expect("it sounds");
            let file = file(&format!("{class}-{seed}.wav"), class, &features);
            project.add(file, &features).expect("they fit");
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
    Session::new(project, settings.clone(), &base(), &Device::flex()).expect("it can be trained")
}

fn run_out(session: &mut Session) -> Outcome {
    while !matches!(block_on(session.step()).expect("it trains"), Step::Over) {}
    block_on(session.finish("2026-11-23", "tonearm train")).expect("it is over")
}

fn bytes(outcome: &Outcome) -> Vec<u8> {
    outcome.weights.to_bytes().expect("they can be packed")
}

/// Checks that a classifier says of the files that were kept back what the report says.
fn assert_answers(classifier: &Classifier, report: &Report) {
    for answer in &report.answers {
        let file = answer.file;
        let mut analysis = classifier
            .analysis(clip(file % 3, file as u32 / 3))
            .expect("it is long enough");
        while block_on(analysis.step()).expect("it answers") {}
        let (prediction, _) = analysis.finish();
        let probabilities = prediction.probabilities.expect("it sounds");
        for (label, got) in probabilities.ranked() {
            let mut classes = report.metrics.per_class.iter();
            let class = classes.position(|class| class.label == label);
            let expected = answer.probabilities[class.expect("it is a class")];
            assert!(
                (got - expected).abs() < 1e-2,
                "{label}: {got} for {expected}"
            );
        }
    }
}

#[test]
fn a_run_makes_a_classifier_that_answers_as_its_report_says() {
    let _alone = DEVICE.lock();
    let project = project(6);
    let outcome = run_out(&mut session(&project, &settings()));
    let report = &outcome.report;
    assert_eq!(report.metrics.top1, 1.0, "{:?}", report.metrics.confusion);
    // Its last epoch, which the files that are measured had no say in.
    assert_eq!(report.kept_epoch, 12);
    assert_eq!(report.notes, []);
    assert_eq!(report.metrics.n, report.validation.len());
    assert!(
        report
            .train
            .iter()
            .all(|file| !report.validation.contains(file))
    );
    assert_eq!(report.places.len(), 18);

    let classifier = Classifier::from_bytes(&bytes(&outcome), &Device::flex()).expect("it is one");
    assert_answers(&classifier, report);
    let card = &classifier.metadata().card;
    assert_eq!((&card.date[..], card.data.rows), ("2026-11-23", 18));
    assert!(card.fitted_on.contains("of Chord"), "{}", card.fitted_on);
}

#[test]
fn every_recipe_makes_a_classifier_and_goes_on_after_a_stop() {
    let _alone = DEVICE.lock();
    let project = project(3);
    for recipe in [RecipeName::FineTune, RecipeName::Cnn, RecipeName::Rnn] {
        let settings = Settings {
            epochs: 3,
            ..Settings::new(recipe, Effort::Quick)
        };
        let outcome = run_out(&mut session(&project, &settings));
        assert_eq!(outcome.report.metrics.n, 3);
        assert_eq!(outcome.report.places.len(), 9);
        let made = bytes(&outcome);
        let classifier = Classifier::from_bytes(&made, &Device::flex()).expect("it is one");
        assert_answers(&classifier, &outcome.report);

        for stop_after in [1, 3] {
            let mut first = session(&project, &settings);
            let mut epochs = 0;
            while epochs < stop_after {
                let step = block_on(first.step()).expect("it trains");
                epochs += usize::from(matches!(step, Step::Epoch(_)));
            }
            let mut second = session(&project, &settings);
            let state =
                block_on(first.state(CheckpointContents::All)).expect("the CPU can be read");
            second.restore(&state).expect("it is of the same run");
            let again = run_out(&mut second);
            assert!(
                bytes(&again) == made,
                "{recipe:?} after {stop_after} epochs"
            );
        }
    }
}

#[test]
fn fine_tuning_leaves_the_first_blocks_as_they_are() {
    let _alone = DEVICE.lock();
    let project = project(2);
    let settings = Settings {
        epochs: 2,
        ..Settings::new(RecipeName::FineTune, Effort::Quick)
    };
    let outcome = run_out(&mut session(&project, &settings));
    let base = base();
    let changed = |name: &str| {
        let of = |weights: &Weights, network: &str| {
            let mut all = weights.parameters();
            let (_, full, _) = all
                .find(|(of, full, _)| *of == network && full.ends_with(name))
                .expect("it has such a parameter");
            weights.parameter(network, full)
        };
        of(&base, "cnn") != of(&outcome.weights, "network")
    };
    assert!(!changed("blocks.0.conv.weight") && !changed("blocks.3.norm.running_mean"));
    assert!(changed("blocks.4.conv.weight") && changed("blocks.5.norm.running_mean"));
}

#[test]
fn a_run_that_was_stopped_ends_with_the_same_weights() {
    let _alone = DEVICE.lock();
    let project = project(4);
    let settings = Settings {
        folds: 2,
        epochs: 4,
        ..settings()
    };
    let whole = run_out(&mut session(&project, &settings));
    // In the first fold, between two folds, and in the fit on all files.
    for stop_after in [2, 4, 9] {
        let mut first = session(&project, &settings);
        let mut epochs = 0;
        while epochs < stop_after {
            let step = block_on(first.step()).expect("it trains");
            epochs += usize::from(matches!(step, Step::Epoch(_)));
        }
        let state = block_on(first.state(CheckpointContents::All)).expect("the CPU can be read");
        let mut second = session(&project, &settings);
        second.restore(&state).expect("it is of the same run");
        assert!(
            bytes(&run_out(&mut second)) == bytes(&whole),
            "after {stop_after} epochs"
        );
    }
    assert_eq!(whole.report.validation.len(), 12);
    assert_eq!(whole.report.train.len(), 12);
}

#[test]
fn a_run_goes_on_without_the_moments_and_says_so() {
    let _alone = DEVICE.lock();
    let project = project(4);
    let settings = Settings {
        epochs: 4,
        ..settings()
    };
    let whole = run_out(&mut session(&project, &settings));
    assert_eq!(whole.report.notes, []);
    let mut first = session(&project, &settings);
    while !matches!(block_on(first.step()).expect("it trains"), Step::Epoch(_)) {}
    let state = block_on(first.state(CheckpointContents::Networks)).expect("the CPU can be read");
    let mut second = session(&project, &settings);
    second.restore(&state).expect("it is of the same run");
    let again = run_out(&mut second);
    assert_eq!(again.report.notes, [Note::Restarted { times: 1 }]);
    assert_eq!(again.report.first_loss, whole.report.first_loss);
    assert!(bytes(&again) != bytes(&whole), "Adam has lost its moments");
}

#[test]
fn a_run_that_is_told_to_stop_keeps_its_best_epoch() {
    let _alone = DEVICE.lock();
    let project = project(4);
    let in_steps = Settings {
        batch: 4,
        ..settings()
    };
    let mut session = session(&project, &in_steps);
    assert!(!session.stop(), "nothing is trained yet");
    while !matches!(block_on(session.step()).expect("it trains"), Step::Epoch(_)) {}
    block_on(session.step()).expect("it trains");
    assert!(session.stop(), "an epoch has ended");
    let outcome = run_out(&mut session);
    assert_eq!(outcome.report.kept_epoch, 1);
    assert_eq!(outcome.report.metrics.n, 3);
    assert_eq!(outcome.report.notes, [Note::Chosen]);
}

#[test]
fn an_epoch_that_was_chosen_on_the_files_that_measure_it_is_said_to_be() {
    let _alone = DEVICE.lock();
    let early = Settings {
        patience: 2,
        ..settings()
    };
    let outcome = run_out(&mut session(&project(4), &early));
    assert_eq!(outcome.report.notes, [Note::Chosen]);
    let card = &outcome.weights.metadata.card;
    assert_eq!(
        card.figures[0].part,
        "validation files, which chose the epoch as well"
    );
}

#[test]
fn files_that_are_kept_back_are_measured_a_batch_at_a_time() {
    let _alone = DEVICE.lock();
    let settings = Settings {
        epochs: 1,
        batch: 2,
        ..settings()
    };
    let mut session = session(&project(4), &settings);
    let mut answered = Vec::new();
    loop {
        match block_on(session.step()).expect("it trains") {
            Step::Answered { done, of } => answered.push((done, of)),
            Step::Over => break,
            _ => {}
        }
    }
    // Two of three rows to end the epoch with the third, and all three to end the fit.
    assert_eq!(answered, [(2, 3), (2, 3), (3, 3)]);
}

#[test]
fn a_saved_run_that_is_broken_or_of_other_settings_is_refused() {
    let _alone = DEVICE.lock();
    let project = project(2);
    let mut first = session(&project, &settings());
    while !matches!(block_on(first.step()).expect("it trains"), Step::Epoch(_)) {}
    let state = block_on(first.state(CheckpointContents::All)).expect("the CPU can be read");
    let other = Settings {
        seed: 1,
        ..settings()
    };
    assert!(session(&project, &other).restore(&state).is_err());
    for length in (0..state.len()).step_by(97) {
        let mut session = session(&project, &settings());
        if session.restore(&state[..length]).is_ok() {
            panic!("{length} bytes of {} pass for a run", state.len());
        }
    }
}

#[test]
fn files_of_one_artist_are_noted() {
    let _alone = DEVICE.lock();
    let mut project = project(4);
    for file in &mut project.manifest.files {
        file.artist = (file.class == 1).then(|| "The Bursts".to_owned());
    }
    let outcome = run_out(&mut session(&project, &settings()));
    let note = Note::OneArtist {
        class: "Bursts".into(),
    };
    assert_eq!(outcome.report.notes, [note]);
}

#[test]
fn what_cannot_be_trained_on_is_said() {
    let refusal = |project: &Project| {
        let refused = Session::new(project, settings(), &base(), &Device::flex());
        refused.err().expect("it is refused").to_string()
    };
    let two = project(2);
    let without = |wrong: &dyn Fn(&mut Project)| {
        let mut project = two.clone();
        wrong(&mut project);
        refusal(&project)
    };
    let said = refusal(&project(1));
    assert!(
        said.starts_with("Chord has 1 file and needs at least 2"),
        "{said}"
    );
    let said = without(&|project| project.manifest.classes[1] = "Chord".into());
    assert_eq!(said, "two classes are called Chord");
    let said = without(&|project| project.manifest.classes[1] = "  ".into());
    assert_eq!(said, "class 2 has no name");
    let said = without(&|project| project.manifest.classes.truncate(1));
    assert!(said.starts_with("there must be 2 to 255 classes"), "{said}");
}

#[test]
fn a_silent_file_has_no_features() {
    let silence = Clip::new(vec![0.0; RATE as usize * 4], RATE).expect("it has samples");
    let error = project::features(silence).expect_err("there is nothing to learn");
    assert_eq!(error.to_string(), "the file is silent");
}

/// A project with features of no sound: its archive does not care.
fn small() -> Project {
    let features = FileFeatures {
        mel: vec![7; 128 * 128],
        mfcc: vec![half::f16::ONE; 10 * 130 * 20],
        fingerprint: project::fingerprint(),
    };
    let mut project = Project::new("Small", vec!["A".into(), "B".into()]);
    for class in [0, 1, 0] {
        let file = file("x.wav", class, &features);
        project.add(file, &features).expect("they fit");
    }
    project.manifest.settings = Some(settings());
    project.weights = Some(include_bytes!("../pkg/weights/rnn.bpk").to_vec());
    project
}

#[test]
fn features_that_another_version_computed_are_refused() {
    let mut features = project::features(clip(0, 0)).expect("it sounds");
    let mut project = Project::new("Old", vec!["Chord".into()]);
    features.fingerprint = "0-0".into();
    let file = file("old.wav", 0, &features);
    let refused = project.add(file, &features);
    let said = refused.expect_err("they are others").to_string();
    assert!(said.contains("listened to old.wav"), "{said}");
    assert!(project.manifest.files.is_empty());
}

#[test]
fn a_project_comes_back_from_its_archive() {
    let project = small();
    let zip = project.to_zip().expect("it has files");
    assert_eq!(Project::from_zip(&zip).expect("it is whole"), project);
}

#[test]
fn an_archive_cut_short_or_scratched_is_refused_and_never_panics() {
    let zip = small().to_zip().expect("it has files");
    for length in (0..zip.len()).step_by(zip.len() / 60) {
        let cut = Project::from_zip(&zip[..length]);
        assert!(matches!(cut, Err(Error::Project(_))), "{length} bytes");
    }
    for place in (0..zip.len()).step_by(zip.len() / 200) {
        let mut scratched = zip.clone();
        scratched[place] ^= 0x55;
        // Some scratches do not matter; none may panic.
        let _ = Project::from_zip(&scratched);
    }
}

/// The archive with entries changed: none for one that is left out.
fn rewritten(change: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>>, more: &[(&str, &[u8])]) -> Vec<u8> {
    let zip = small().to_zip().expect("it has files");
    let mut from = ZipArchive::new(Cursor::new(&zip[..])).expect("it is a zip");
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut entry = from.by_index(index).expect("it is there");
        let name = entry.name().expect("it is text").to_string();
        let mut bytes = Vec::new();
        std::io::copy(&mut entry, &mut bytes).expect("it can be unpacked");
        if let Some(bytes) = change(&name, bytes) {
            to.start_file(name, SimpleFileOptions::default())
                .expect("it can be written");
            to.write_all(&bytes).expect("it can be written");
        }
    }
    for (name, bytes) in more {
        to.start_file(*name, SimpleFileOptions::default())
            .expect("it can be written");
        to.write_all(bytes).expect("it can be written");
    }
    to.finish().expect("it can be written").into_inner()
}

fn refusal(zip: &[u8]) -> String {
    Project::from_zip(zip)
        .expect_err("it is refused")
        .to_string()
}

fn manifest(change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
    let change = |name: &str, bytes: Vec<u8>| {
        if name != "manifest.json" {
            return Some(bytes);
        }
        let mut manifest = serde_json::from_slice(&bytes).expect("it is JSON");
        change(&mut manifest);
        Some(serde_json::to_vec(&manifest).expect("it is JSON"))
    };
    rewritten(change, &[])
}

#[test]
fn an_archive_that_holds_anything_else_is_refused() {
    let zip = rewritten(|_, bytes| Some(bytes), &[("../../etc/passwd", b"root")]);
    let said = refusal(&zip);
    assert!(said.contains("`../../etc/passwd` has no place"), "{said}");
}

#[test]
fn an_archive_that_lacks_a_part_is_refused() {
    for part in ["manifest.json", "mel.npz", "mfcc.npz"] {
        let said = refusal(&rewritten(
            |name, bytes| (name != part).then_some(bytes),
            &[],
        ));
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn an_archive_that_contradicts_itself_is_refused() {
    let said = refusal(&manifest(|manifest| manifest["format_version"] = 9.into()));
    assert!(said.contains("update Tonearm"), "{said}");
    let said = refusal(&manifest(|manifest| {
        manifest["fingerprints"][0] = "0".into()
    }));
    assert!(said.contains("add them to a new project"), "{said}");
    let said = refusal(&manifest(|manifest| {
        manifest["files"][0]["class"] = 7.into()
    }));
    assert!(said.contains("of a class that it lacks"), "{said}");
    for windows in [0_u64, 2, u64::MAX >> 1] {
        let said = refusal(&manifest(|manifest| {
            manifest["files"][0]["windows"] = windows.into()
        }));
        assert!(said.starts_with("the project cannot be read"), "{said}");
    }
    let said = refusal(&manifest(|manifest| {
        manifest["settings"]["folds"] = 1.into()
    }));
    assert!(said.contains("`folds` must be"), "{said}");
    let said = refusal(&rewritten(
        |name, bytes| {
            Some(if name == "weights.bpk" {
                b"nonsense".to_vec()
            } else {
                bytes
            })
        },
        &[],
    ));
    assert!(
        said.starts_with("the weights file cannot be used"),
        "{said}"
    );
}

/// A table of two classes that the first of its two columns tells apart.
fn table() -> Project {
    let (classes, columns) = (["Low", "High"], ["height", "noise"]);
    let [classes, columns] = [classes, columns].map(|names| names.map(String::from).to_vec());
    let mut project = Project::of_table("Rows", classes, columns);
    for row in 0..60_usize {
        let noise = (row * 37 % 11) as f32;
        let height = if row % 2 == 0 { -1.0 } else { 1.0 } + noise / 20.0;
        let added = project.add_row(row.to_string(), row % 2, None, &[height, noise]);
        added.expect("it is of the table");
    }
    project
}

#[test]
fn a_table_is_learnt_and_comes_back_from_its_archive() {
    let _alone = DEVICE.lock();
    let mut project = table();
    let settings = Settings::new(RecipeName::Mlp, Effort::Quick);
    let outcome = run_out(&mut session(&project, &settings));
    assert_eq!(outcome.report.metrics.top1, 1.0);
    assert_eq!(outcome.report.places.len(), 60);
    let classifier = Classifier::from_bytes(&bytes(&outcome), &Device::flex()).expect("it is one");
    let answer = block_on(classifier.features(vec![vec![1.1, 3.0]])).expect("a row of it");
    assert_eq!(answer.ranked()[0].0, "High");

    project.manifest.settings = Some(settings);
    let zip = project.to_zip().expect("it has rows");
    assert_eq!(Project::from_zip(&zip).expect("it is whole"), project);
}

#[test]
fn rows_that_are_not_of_the_table_are_refused() {
    let mut project = table();
    for values in [&[1.0][..], &[1.0, f32::NAN], &[1.0, 2.0, 3.0]] {
        assert!(project.add_row("odd".into(), 0, None, values).is_err());
    }
    assert!(project.add_row("odd".into(), 2, None, &[1.0, 2.0]).is_err());
}

#[test]
fn a_table_is_for_the_mlp_and_audio_for_the_others() {
    for (project, recipe) in [(table(), RecipeName::Cnn), (project(2), RecipeName::Mlp)] {
        let settings = Settings::new(recipe, Effort::Quick);
        let refused = Session::new(&project, settings, &base(), &Device::flex());
        let said = refused.err().expect("it is refused").to_string();
        assert!(said.contains("a table is learnt by the MLP"), "{said}");
    }
}

//! Tests of the codes and texts.

use std::collections::BTreeSet;

use tonearm_dsp::ConfigError;

use super::*;

/// The code of each variant. The compiler checks that none is missing here.
fn code(error: &Error) -> &'static str {
    match error {
        Error::Config(_) => "setting",
        Error::ClipTooShort { .. } => "clip-too-short",
        Error::Silent => "silent",
        Error::NotAudio { .. } => "not-audio",
        Error::Dataset { .. } => "dataset",
        Error::Project { .. } => "project",
        Error::Checkpoint { .. } => "checkpoint",
        Error::Weights { .. } => "weights",
        Error::NewerWeights { .. } => "newer-weights",
        Error::OlderWeights { .. } => "older-weights",
        Error::FeatureMismatch { .. } => "feature-mismatch",
        Error::NotAClassifier => "not-a-classifier",
        Error::NotABackbone { .. } => "not-a-backbone",
        Error::NewerProject { .. } => "newer-project",
        Error::OutdatedProject { .. } => "outdated-project",
        Error::OutdatedFile { .. } => "outdated-file",
        Error::UnknownClass { .. } => "unknown-class",
        Error::ProjectKind { .. } => "project-kind",
        Error::RecipeKind { .. } => "recipe-kind",
        Error::EmptyProject => "empty-project",
        Error::ClassCount { .. } => "class-count",
        Error::UnnamedClass { .. } => "unnamed-class",
        Error::DuplicateClass { .. } => "duplicate-class",
        Error::TooFewFiles { .. } => "too-few-files",
        Error::Underdetermined => "underdetermined",
        Error::Diverged => "diverged",
        Error::Unfinished => "unfinished",
        Error::Device { .. } => "device",
        Error::Unwritable { .. } => "unwritable",
        Error::Audio(error) => audio_code(error),
    }
}

fn audio_code(error: &tonearm_dsp::Error) -> &'static str {
    use tonearm_dsp::Error;
    match error {
        Error::EmptyClip => "empty-clip",
        Error::NoChannels => "no-channels",
        Error::UnequalChannels { .. } => "unequal-channels",
        Error::PartialFrame { .. } => "partial-frame",
        Error::InvalidSample { .. } => "invalid-sample",
        Error::SampleRate { .. } => "sample-rate",
        Error::ClipTooLong { .. } => "clip-too-long",
        Error::OutOfMemory { .. } => "out-of-memory",
        _ => panic!("{error:?} has no code in this list"),
    }
}

/// An error of each variant.
fn errors() -> Vec<Error> {
    let text = String::new;
    let (source, field, rule) = (|| "".into(), "hop", "at least 1");
    let (expected, got) = (Content::Table, Content::Audio);
    let supported = 2;
    let mut errors = vec![
        ConfigError {
            field,
            rule,
            got: 0.0,
        }
        .into(),
        Error::ClipTooShort {
            needed_seconds: 1.0,
            got_seconds: 0.5,
        },
        Error::Silent,
        Error::NotAudio { columns: text() },
        Error::dataset(Defect::damaged("x")),
        Error::project(Defect::missing("x")),
        Error::checkpoint(Defect::Unexpected { part: text() }),
        Error::weights(Defect::mismatch("it", "be 1", 2)).caused_by(""),
        Error::NewerWeights { got: 3, supported },
        Error::OlderWeights { got: 1, supported },
        Error::FeatureMismatch {
            expected: text(),
            got: text(),
        },
        Error::NotAClassifier,
        Error::NotABackbone { needed: "a CNN" },
        Error::NewerProject { got: 3, supported },
        Error::OutdatedProject {
            expected: text(),
            got: text(),
        },
        Error::OutdatedFile {
            file: text(),
            expected: text(),
            got: text(),
        },
        Error::UnknownClass { file: text() },
        Error::ProjectKind { expected, got },
        Error::RecipeKind { expected, got },
        Error::EmptyProject,
        Error::ClassCount { max: 255, got: 1 },
        Error::UnnamedClass { number: 1 },
        Error::DuplicateClass { name: text() },
        Error::TooFewFiles {
            class: text(),
            needed: 2,
            got: 1,
        },
        Error::Underdetermined,
        Error::Diverged,
        Error::Unfinished,
        Error::Device { source: source() },
        Error::Unwritable {
            document: "project",
            source: source(),
        },
    ];
    let (expected, got) = (1, 2);
    errors.extend(
        [
            tonearm_dsp::Error::EmptyClip,
            tonearm_dsp::Error::NoChannels,
            tonearm_dsp::Error::UnequalChannels { expected, got },
            tonearm_dsp::Error::PartialFrame {
                n_samples: 3,
                n_channels: 2,
            },
            tonearm_dsp::Error::InvalidSample {
                index: 0,
                value: 0.0,
            },
            tonearm_dsp::Error::SampleRate { got: 1 },
            tonearm_dsp::Error::ClipTooLong {
                limit_seconds: 1.0,
                got_seconds: 2.0,
            },
            tonearm_dsp::Error::OutOfMemory { needed_bytes: 1 },
        ]
        .map(Error::from),
    );
    errors
}

#[test]
fn every_variant_has_its_own_code_which_the_documentation_lists() {
    let mut codes = BTreeSet::new();
    for error in errors() {
        let json = serde_json::to_value(&error).expect("the fields are JSON");
        assert_eq!(json["code"], code(&error));
        assert!(codes.insert(code(&error)), "{} twice", code(&error));
        let documented = format!("`{}`", code(&error));
        assert!(
            include_str!("../error.rs").contains(&documented),
            "{documented}"
        );
    }
    assert_eq!(codes.len(), 37);
}

#[test]
fn the_fields_of_a_variant_are_the_parameters_of_its_code() {
    let json = |error: &Error| serde_json::to_value(error).expect("the fields are JSON");
    let too_short = Error::ClipTooShort {
        needed_seconds: 1.0,
        got_seconds: 0.5,
    };
    let expected = serde_json::json!({ "needed_seconds": 1.0, "got_seconds": 0.5 });
    assert_eq!(json(&too_short)["parameters"], expected);
    let mismatch = Error::weights(Defect::mismatch("its threshold", "be in 0..=1", 2));
    let expected = serde_json::json!({
        "code": "weights",
        "parameters": { "defect": "mismatch", "part": "its threshold", "expected": "be in 0..=1", "got": "2" },
    });
    assert_eq!(json(&mismatch), expected);
}

#[test]
fn a_cause_is_the_source_and_not_part_of_the_text() {
    let error = Error::project(Defect::damaged("its manifest")).caused_by("line 1");
    assert_eq!(
        error.to_string(),
        "the project cannot be read: its manifest is truncated or damaged"
    );
    let source = std::error::Error::source(&error).expect("there is a cause");
    assert_eq!(source.to_string(), "line 1");
}

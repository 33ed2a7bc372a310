//! Metadata of a weights file: networks, labels, calibration and model card.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use burn_pack::Reader;
use serde::{Deserialize, Serialize};

use super::{ATTRIBUTES, Card, FORMAT_VERSION, MAIN, METADATA_KEY, RESERVED, TABLE};
use crate::error::Defect;
use crate::features::{FeatureConfig, Input};
use crate::models::{ModelConfig, Normalisation};
use crate::{Error, Result};

/// Name of the part whose embeddings the map uses, if there are several networks.
const EMBEDDING: &str = "cnn";

/// Description of the classifier in a weights file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Version of the file format.
    pub format_version: u32,
    /// Network whose logits are the prediction.
    pub network: NetworkSpec,
    /// Networks whose logits the main network reads, by name; empty if it reads the input itself.
    #[serde(default)]
    pub parts: BTreeMap<String, NetworkSpec>,
    /// Names of the classes, in the order of the logits.
    pub labels: Vec<String>,
    /// Softmax temperature, fitted on validation rows; above 0.
    pub temperature: f32,
    /// Lowest confidence of a confident prediction, chosen on validation rows; in 0..=1.
    pub threshold: f32,
    /// Model card: origin and accuracy.
    pub card: Card,
}

/// A network with its input and normalisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkSpec {
    /// Architecture of the network.
    pub model: ModelConfig,
    /// Input of the network.
    pub input: Input,
    /// Fingerprint of `input`, as computed by the version that wrote the file.
    pub fingerprint: String,
    /// Normalisation of the input.
    pub normalisation: Normalisation,
}

impl NetworkSpec {
    /// Combines a network with its input, and computes the fingerprint.
    pub fn new(model: ModelConfig, input: Input, normalisation: Normalisation) -> Self {
        Self {
            fingerprint: input.fingerprint(),
            model,
            input,
            normalisation,
        }
    }

    fn validate(&self) -> Result<()> {
        self.input.validate()?;
        let computed = self.input.fingerprint();
        if computed != self.fingerprint {
            return Err(Error::FeatureMismatch {
                expected: self.fingerprint.clone(),
                got: computed,
            });
        }
        self.model
            .validate(self.input.shape())
            .map_err(|error| match error {
                Error::Dataset { defect, source } => Error::Weights { defect, source },
                other => other,
            })?;
        self.normalisation.validate(self.input.layout().n_channels)
    }
}

impl Metadata {
    /// Distinct kinds of audio features that the networks read; at least one.
    ///
    /// # Errors
    /// [`Error::NotAudio`] if the networks read a table.
    pub fn audio_features(&self) -> Result<Vec<&FeatureConfig>> {
        if self.parts.is_empty() {
            return Ok(vec![self.network.input.audio()?]);
        }
        let mut kinds = Vec::new();
        for features in self
            .parts
            .values()
            .filter_map(|part| part.input.audio().ok())
        {
            if !kinds.contains(&features) {
                kinds.push(features);
            }
        }
        // The spectrogram shown comes from the first kind, so log-mel features come first.
        kinds.sort_by_key(|features| !matches!(features, FeatureConfig::Mel(_)));
        Ok(kinds)
    }

    /// Inputs to compute: each kind of audio features once, or a row of a table.
    pub fn inputs(&self) -> Vec<Input> {
        match self.audio_features() {
            Ok(kinds) => kinds.into_iter().cloned().map(Input::Audio).collect(),
            Err(_) => vec![self.network.input.clone()],
        }
    }

    /// Name and description of the network whose embeddings the map uses, or `None` if it has no
    /// embeddings.
    pub fn embedding(&self) -> Option<(&str, &NetworkSpec)> {
        let (name, part) = match self.parts.is_empty() {
            true => (MAIN, &self.network),
            false => (EMBEDDING, self.parts.get(EMBEDDING)?),
        };
        part.model.n_features().map(|_| (name, part))
    }

    fn validate(&self) -> Result<()> {
        let invalid = |part: &str, expected: &str, got: &dyn ToString| {
            let defect = Defect::mismatch(part, expected, got.to_string());
            Err(Error::weights(defect))
        };

        self.network.validate()?;
        for (name, part) in &self.parts {
            if RESERVED.contains(&name.as_str()) || name.contains('.') {
                let expected = "be neither reserved nor contain a dot";
                return invalid("the name of a network", expected, name);
            }
            part.validate()?;
        }
        self.validate_parts()?;
        let n_outputs = self.network.model.n_labels();
        if self.labels.len() != n_outputs {
            let expected = format!("have {n_outputs} labels, as many as its network has outputs");
            return invalid("it", &expected, &self.labels.len());
        }
        let mut names: Vec<_> = self.labels.iter().collect();
        names.sort_unstable();
        names.dedup();
        if names.len() != self.labels.len() {
            return invalid("its labels", "differ", &"two that are the same");
        }
        if !(self.temperature.is_finite() && self.temperature > 0.0) {
            return invalid("its temperature", "be above 0", &self.temperature);
        }
        if !(0.0..=1.0).contains(&self.threshold) {
            return invalid("its threshold", "be in 0..=1", &self.threshold);
        }
        Ok(())
    }

    /// Checks that the network reads the logits of its parts, and that an estimator and the network
    /// that reads its estimates occur together.
    fn validate_parts(&self) -> Result<()> {
        if self.parts.is_empty() {
            return Ok(());
        }
        let logits_parts = self.parts.iter().filter(|(name, _)| *name != ATTRIBUTES);
        let width: usize = logits_parts.map(|(_, part)| part.model.n_labels()).sum();
        let reads = self.network.input.shape();
        let estimator_fits_table = match (self.parts.get(ATTRIBUTES), self.parts.get(TABLE)) {
            (Some(estimator), Some(table)) => {
                matches!(estimator.model, ModelConfig::Attributes(_))
                    && table.input.shape() == [1, estimator.model.n_labels()]
                    && estimator.model.n_labels() == self.card.estimates.len()
            }
            (None, None) => true,
            _ => false,
        };
        let misplaced_inputs = self
            .parts
            .iter()
            .any(|(name, part)| part.input.audio().is_err() != (name == TABLE));
        let kinds = self.audio_features()?;
        let same_window_length = kinds
            .windows(2)
            .all(|pair| pair[0].window_seconds() == pair[1].window_seconds());
        if !same_window_length
            || self.network.input.audio().is_ok()
            || reads != [1, width]
            || !estimator_fits_table
            || misplaced_inputs
        {
            let got = format!("a network that reads {} x {} values", reads[0], reads[1]);
            let expected =
                format!("match each other and have {width} outputs that the main one reads");
            return Err(Error::weights(Defect::mismatch(
                "its networks",
                expected,
                got,
            )));
        }
        Ok(())
    }
}

/// Reads the metadata and validates it for this version.
pub(super) fn read_metadata(reader: &Reader) -> Result<Metadata> {
    #[derive(Deserialize)]
    struct Version {
        format_version: u32,
    }

    let json = reader
        .metadata()
        .get(METADATA_KEY)
        .ok_or_else(|| Error::weights(Defect::Foreign))?;
    let unreadable =
        |error: serde_json::Error| Error::weights(Defect::damaged("its metadata")).caused_by(error);
    let Version { format_version } = serde_json::from_str(json).map_err(unreadable)?;
    let (got, supported) = (format_version, FORMAT_VERSION);
    match got.cmp(&supported) {
        Ordering::Less => return Err(Error::OlderWeights { got, supported }),
        Ordering::Greater => return Err(Error::NewerWeights { got, supported }),
        Ordering::Equal => {}
    }
    let metadata: Metadata = serde_json::from_str(json).map_err(unreadable)?;
    metadata.validate()?;
    Ok(metadata)
}

//! What a weights file says beside its parameters.

use std::collections::BTreeMap;

use burn_pack::Reader;
use serde::{Deserialize, Serialize};

use super::{ANSWER, ATTRIBUTES, Card, FORMAT_VERSION, METADATA_KEY, RESERVED, TABLE};
use crate::features::{FeatureConfig, Input};
use crate::models::{ModelConfig, Normalisation};
use crate::{Error, Result};

/// Name of the part whose embeddings the map of a file of several networks is of.
const EMBEDDING: &str = "cnn";

/// All that a weights file says beside its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Version of the file format.
    pub format_version: u32,
    /// The network that gives the answer.
    pub network: Part,
    /// Networks whose answers it reads; none for a network that stands alone.
    #[serde(default)]
    pub parts: BTreeMap<String, Part>,
    /// Names of the classes, in the order of the logits.
    pub labels: Vec<String>,
    /// Logits are divided by it before the softmax; fitted on validation. Above 0.
    pub temperature: f32,
    /// Lowest probability of the top class that makes an answer confident; chosen on validation.
    pub threshold: f32,
    /// Where the weights come from and how good they are.
    pub card: Card,
}

/// A network and what it reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The network.
    pub model: ModelConfig,
    /// What it reads.
    pub input: Input,
    /// Fingerprint of `input`, as the version that wrote the file computed it.
    pub fingerprint: String,
    /// What is done to the input before the network reads it.
    pub normalisation: Normalisation,
}

impl Part {
    /// Joins a network with its input.
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
                Error::Dataset(_) => Error::Weights("its network and its features differ".into()),
                other => other,
            })?;
        self.normalisation.validate(self.input.layout().n_channels)
    }
}

impl Metadata {
    /// The kinds of audio features that the networks read, each once.
    ///
    /// # Errors
    /// [`Error::NotAudio`] if they read a table.
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
        // The spectrogram that is shown is the first's: a mel picture's, if there is one.
        kinds.sort_by_key(|features| !matches!(features, FeatureConfig::Mel(_)));
        Ok(kinds)
    }

    /// What is to be given to the networks: each kind of audio features once, or a row of a table.
    pub fn inputs(&self) -> Vec<Input> {
        match self.audio_features() {
            Ok(kinds) => kinds.into_iter().cloned().map(Input::Audio).collect(),
            Err(_) => vec![self.network.input.clone()],
        }
    }

    /// Name and place of the network whose embeddings a map is of; none if it has no embeddings.
    pub fn embedding(&self) -> Option<(&str, &Part)> {
        let (name, part) = match self.parts.is_empty() {
            true => (ANSWER, &self.network),
            false => (EMBEDDING, self.parts.get(EMBEDDING)?),
        };
        part.model.n_features().map(|_| (name, part))
    }

    fn validate(&self) -> Result<()> {
        let wrong = |what: &str| Err(Error::Weights(what.to_owned()));

        self.network.validate()?;
        for (name, part) in &self.parts {
            if RESERVED.contains(&name.as_str()) || name.contains('.') {
                return wrong("one of its parts has a name that is taken");
            }
            part.validate()?;
        }
        self.validate_parts()?;
        if self.labels.len() != self.network.model.n_labels() {
            return wrong("its labels are not as many as its network's outputs");
        }
        let mut names: Vec<_> = self.labels.iter().collect();
        names.sort_unstable();
        names.dedup();
        if names.len() != self.labels.len() {
            return wrong("two of its labels have one name");
        }
        if !(self.temperature.is_finite() && self.temperature > 0.0) {
            return wrong("its temperature is not above 0");
        }
        if !(0.0..=1.0).contains(&self.threshold) {
            return wrong("its threshold is not in 0..=1");
        }
        Ok(())
    }

    /// Checks that the network reads the answers of its parts, and that an estimator and the network
    /// that reads its estimates come together.
    fn validate_parts(&self) -> Result<()> {
        if self.parts.is_empty() {
            return Ok(());
        }
        let answers = self.parts.iter().filter(|(name, _)| *name != ATTRIBUTES);
        let width: usize = answers.map(|(_, part)| part.model.n_labels()).sum();
        let reads = self.network.input.shape();
        let pair = match (self.parts.get(ATTRIBUTES), self.parts.get(TABLE)) {
            (Some(estimator), Some(table)) => {
                matches!(estimator.model, ModelConfig::Attributes(_))
                    && table.input.shape() == [1, estimator.model.n_labels()]
                    && estimator.model.n_labels() == self.card.estimates.len()
            }
            (None, None) => true,
            _ => false,
        };
        let strays = self
            .parts
            .iter()
            .any(|(name, part)| part.input.audio().is_err() != (name == TABLE));
        let kinds = self.audio_features()?;
        let one_length = kinds
            .windows(2)
            .all(|pair| pair[0].window_seconds() == pair[1].window_seconds());
        if !one_length
            || self.network.input.audio().is_ok()
            || reads != [1, width]
            || !pair
            || strays
        {
            return Err(Error::Weights("its networks do not fit together".into()));
        }
        Ok(())
    }
}

/// Reads the metadata and checks it against itself and against this version.
pub(super) fn read_metadata(reader: &Reader) -> Result<Metadata> {
    #[derive(Deserialize)]
    struct Version {
        format_version: u32,
    }

    let json = reader
        .metadata()
        .get(METADATA_KEY)
        .ok_or_else(|| Error::Weights("it holds parameters, but not of Tonearm".into()))?;
    let unreadable = |error: serde_json::Error| Error::Weights(format!("its metadata: {error}"));
    let Version { format_version } = serde_json::from_str(json).map_err(unreadable)?;
    if format_version < FORMAT_VERSION {
        return Err(Error::Weights(format!(
            "it has format {format_version}, which nothing but an old version read: train it again"
        )));
    }
    if format_version > FORMAT_VERSION {
        return Err(Error::NewerWeights {
            got: format_version,
            supported: FORMAT_VERSION,
        });
    }
    let metadata: Metadata = serde_json::from_str(json).map_err(unreadable)?;
    metadata.validate()?;
    Ok(metadata)
}

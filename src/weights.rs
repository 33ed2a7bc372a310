//! The weights file: one file is a whole classifier.

mod card;
mod parameters;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Device;
use burn_pack::{Bytes, DType, Reader, Tensor, Writer};
use serde::{Deserialize, Serialize};

use crate::features::{FeatureConfig, Input};
use crate::models::{ModelConfig, Network, Normalisation};
use crate::{Error, Result};
pub use card::{Card, Confident, DataCard, Estimate, Figures, Spread};
use parameters::Parameters;

/// Version of the format that is written, and the newest that is read.
pub const FORMAT_VERSION: u32 = 2;

/// Largest file that is read, in bytes: 64 MiB, far above any network of ours.
const MAX_BYTES: usize = 64 << 20;

/// Key of the metadata in the burnpack.
const METADATA_KEY: &str = "tonearm";

/// Name of the network that gives the answer, and with a dot the prefix of its tensors' names.
const ANSWER: &str = "network";

/// Name of the part that estimates, from audio, what the part [`TABLE`] reads.
pub const ATTRIBUTES: &str = "attributes";

/// Name of the part that reads the estimates.
pub const TABLE: &str = "mlp";

/// Prefix of the names of the lists of artists.
const ARTISTS: &str = "artists.";

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

/// Artists by what their rows were used for; each list ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Artists {
    /// The parameters were fitted on their rows.
    pub train: Vec<i32>,
    /// Choices were made on their rows.
    pub validation: Vec<i32>,
    /// Figures were printed from their rows.
    pub test: Vec<i32>,
}

/// A weights file that has been read and found sound.
#[derive(Clone)]
pub struct Weights {
    /// What it says beside its parameters.
    pub metadata: Metadata,
    /// The artists that it has seen.
    pub artists: Artists,
    /// Parameters of each network.
    parameters: BTreeMap<String, Vec<Tensor>>,
}

impl Weights {
    /// Reads the bytes of a weights file.
    ///
    /// # Errors
    /// [`Error::Weights`] if the bytes are no weights file or contradict themselves,
    /// [`Error::NewerWeights`] if a newer version wrote them, [`Error::FeatureMismatch`] if this
    /// version computes other features than the network was trained on.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::Weights(format!(
                "it is larger than {} MiB",
                MAX_BYTES >> 20
            )));
        }
        let reader = Reader::from_bytes(Bytes::from_bytes_vec(bytes.to_vec()))
            .map_err(|_| Error::Weights("it is cut short, or something else".into()))?;
        let metadata = read_metadata(&reader)?;
        let tensors = reader
            .into_tensors()
            .map_err(|_| Error::Weights("its parameters are cut short".into()))?;

        let mut weights = Self {
            metadata,
            artists: Artists::default(),
            parameters: BTreeMap::new(),
        };
        for mut tensor in tensors {
            if let Some(part) = tensor.name.strip_prefix(ARTISTS) {
                let list = weights.artists.part_mut(part)?;
                *list = integers(tensor)?;
            } else if let Some((network, name)) = tensor.name.split_once('.') {
                let owned = weights.parameters.entry(network.to_owned()).or_default();
                tensor.name = name.to_owned();
                owned.push(tensor);
            }
        }
        Ok(weights)
    }

    /// Builds the network that gives the answer on a device.
    ///
    /// # Errors
    /// [`Error::Weights`] if a parameter is missing, of another shape, or not a finite number.
    pub fn network(&self, device: &Device) -> Result<Network> {
        self.build(ANSWER, &self.metadata.network, device)
    }

    /// Builds the networks whose answers it reads.
    ///
    /// # Errors
    /// [`Error::Weights`] if a parameter is missing, of another shape, or not a finite number.
    pub fn parts(&self, device: &Device) -> Result<BTreeMap<String, Network>> {
        let parts = self.metadata.parts.iter();
        parts
            .map(|(name, part)| Ok((name.clone(), self.build(name, part, device)?)))
            .collect()
    }

    fn build(&self, name: &str, part: &Part, device: &Device) -> Result<Network> {
        let parameters = self.parameters.get(name).cloned().unwrap_or_default();
        for parameter in &parameters {
            parameters::check_finite(parameter)?;
        }
        let misfit = |_| Error::Weights("its parameters do not fit its network".into());
        let bytes = Writer::new(parameters)
            .into_bytes()
            .map_err(|error| Error::Weights(error.to_string()))?;
        let record = ModuleRecord::from_bytes(bytes)
            .map_err(misfit)?
            .cast_to_module_dtype();
        let network = part.model.init(device);
        network.try_load_record(record).map_err(misfit)
    }
}

/// Writes a weights file, its parameters as 16 bit floats.
///
/// # Errors
/// [`Error::Device`] if the parameters cannot be read from their device, [`Error::Weights`] if
/// they cannot be packed.
pub async fn write(
    network: &Network,
    parts: &BTreeMap<String, Network>,
    metadata: &Metadata,
    artists: &Artists,
) -> Result<Vec<u8>> {
    let unwritable = |error: burn_pack::Error| Error::Weights(error.to_string());
    let mut tensors = Parameters::of(network)
        .into_tensors(&format!("{ANSWER}."))
        .await?;
    for (name, part) in parts {
        let prefix = format!("{name}.");
        tensors.append(&mut Parameters::of(part).into_tensors(&prefix).await?);
    }
    for (part, list) in artists.parts() {
        let bytes = list
            .iter()
            .flat_map(|artist| artist.to_le_bytes())
            .collect();
        let name = format!("{ARTISTS}{part}");
        let bytes = Bytes::from_bytes_vec(bytes);
        tensors.push(Tensor::new(name, DType::I32, vec![list.len()], None, bytes));
    }
    let json =
        serde_json::to_string(metadata).map_err(|error| Error::Weights(error.to_string()))?;
    let bytes = Writer::new(tensors)
        .with_metadata(METADATA_KEY, &json)
        .into_bytes()
        .map_err(unwritable)?;
    Ok(bytes.to_vec())
}

/// Reads the metadata and checks it against itself and against this version.
fn read_metadata(reader: &Reader) -> Result<Metadata> {
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

    fn validate(&self) -> Result<()> {
        let wrong = |what: &str| Err(Error::Weights(what.to_owned()));

        self.network.validate()?;
        for (name, part) in &self.parts {
            if [ANSWER, "artists"].contains(&name.as_str()) || name.contains('.') {
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
}

impl Metadata {
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

impl Artists {
    fn parts(&self) -> [(&str, &Vec<i32>); 3] {
        [
            ("train", &self.train),
            ("validation", &self.validation),
            ("test", &self.test),
        ]
    }

    fn part_mut(&mut self, name: &str) -> Result<&mut Vec<i32>> {
        match name {
            "train" => Ok(&mut self.train),
            "validation" => Ok(&mut self.validation),
            "test" => Ok(&mut self.test),
            _ => Err(Error::Weights(format!("it lists artists for `{name}`"))),
        }
    }
}

fn integers(tensor: Tensor) -> Result<Vec<i32>> {
    let wrong = || Error::Weights(format!("`{}` is not a list of whole numbers", tensor.name));
    if tensor.dtype != DType::I32 {
        return Err(wrong());
    }
    let bytes = tensor.to_bytes().map_err(|_| wrong())?;
    let (chunks, _) = bytes.as_chunks::<4>();
    Ok(chunks
        .iter()
        .map(|chunk| i32::from_le_bytes(*chunk))
        .collect())
}

//! The weights file: one file is a whole classifier.

mod card;
mod parameters;

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Device;
use burn_pack::{Bytes, DType, Reader, Tensor, Writer};
use serde::{Deserialize, Serialize};

use crate::features::FeatureConfig;
use crate::models::cnn::Cnn;
use crate::models::{ModelConfig, Normalisation};
use crate::{Error, Result};
pub use card::{Card, DataCard, Figures};
use parameters::Parameters;

/// Version of the format that is written, and the newest that is read.
pub const FORMAT_VERSION: u32 = 1;

/// Largest file that is read, in bytes: 64 MiB, far above any network of ours.
const MAX_BYTES: usize = 64 << 20;

/// Key of the metadata in the burnpack.
const METADATA_KEY: &str = "tonearm";

/// Prefixes of tensor names: parameters of the network, and lists of artists.
const NETWORK: &str = "network.";
const ARTISTS: &str = "artists.";

/// All that a weights file says beside its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Version of the file format.
    pub format_version: u32,
    /// The network.
    pub model: ModelConfig,
    /// How the features that it reads are computed.
    pub features: FeatureConfig,
    /// Fingerprint of `features`, as the version that wrote the file computed it.
    pub fingerprint: String,
    /// Names of the classes, in the order of the logits.
    pub labels: Vec<String>,
    /// What is done to the features before the network reads them.
    pub normalisation: Normalisation,
    /// Logits are divided by it before the softmax; fitted on validation. Above 0.
    pub temperature: f32,
    /// Lowest probability of the top class that makes an answer confident; chosen on validation.
    pub threshold: f32,
    /// Where the weights come from and how good they are.
    pub card: Card,
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
    parameters: Vec<Tensor>,
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
            parameters: Vec::new(),
        };
        for mut tensor in tensors {
            if let Some(name) = tensor.name.strip_prefix(NETWORK) {
                tensor.name = name.to_owned();
                weights.parameters.push(tensor);
            } else if let Some(part) = tensor.name.strip_prefix(ARTISTS) {
                let list = weights.artists.part_mut(part)?;
                *list = integers(tensor)?;
            }
        }
        Ok(weights)
    }

    /// Builds the network on a device.
    ///
    /// # Errors
    /// [`Error::Weights`] if a parameter is missing, of another shape, or not a finite number.
    pub fn network(&self, device: &Device) -> Result<Cnn> {
        for parameter in &self.parameters {
            parameters::check_finite(parameter)?;
        }
        let misfit = |_| Error::Weights("its parameters do not fit its network".into());
        let bytes = Writer::new(self.parameters.clone())
            .into_bytes()
            .map_err(|error| Error::Weights(error.to_string()))?;
        let record = ModuleRecord::from_bytes(bytes)
            .map_err(misfit)?
            .cast_to_module_dtype();
        let ModelConfig::Cnn(config) = &self.metadata.model;
        config.init(device).try_load_record(record).map_err(misfit)
    }
}

/// Writes a weights file, its parameters as 16 bit floats.
///
/// # Errors
/// [`Error::Device`] if the parameters cannot be read from their device, [`Error::Weights`] if
/// they cannot be packed.
pub async fn write(network: &Cnn, metadata: &Metadata, artists: &Artists) -> Result<Vec<u8>> {
    let unwritable = |error: burn_pack::Error| Error::Weights(error.to_string());
    let mut tensors = Parameters::of(network).into_tensors(NETWORK).await?;
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
    fn validate(&self) -> Result<()> {
        let wrong = |what: &str| Err(Error::Weights(what.to_owned()));

        self.features.validate()?;
        let computed = self.features.fingerprint();
        if computed != self.fingerprint {
            return Err(Error::FeatureMismatch {
                expected: self.fingerprint.clone(),
                got: computed,
            });
        }
        if !matches!(self.features, FeatureConfig::Mel(_)) {
            return wrong("its network reads mel pictures, its features are others");
        }
        let [n_mels, n_columns] = self.features.shape();
        let ModelConfig::Cnn(model) = &self.model;
        model.validate(n_columns)?;
        if model.n_mels != n_mels {
            return wrong("its network and its features differ in their mel bands");
        }
        if self.labels.len() != model.n_labels {
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
        self.normalisation.validate(n_mels)
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

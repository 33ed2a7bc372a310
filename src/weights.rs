//! The weights file: a whole classifier in one file.

mod card;
mod map;
mod metadata;
mod tensors;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Device;
use burn_pack::{Bytes, Reader, Tensor, Writer};

use crate::embedding_map::Map;
use crate::error::{Cause, Defect};
use crate::models::Network;
use crate::models::parameters;
use crate::{Error, Result};
pub use card::{Card, DataCard, Estimate, Grouping, MeanStd};
pub use metadata::{Metadata, NetworkSpec};
use tensors::{integers, of_floats};

/// Version of the written file format, and the newest that can be read.
pub const FORMAT_VERSION: u32 = 2;

/// Maximum size of a weights file, in bytes: 64 MiB, far larger than any shipped network.
const MAX_BYTES: usize = 64 << 20;

/// Key of the metadata in the Burnpack file.
const METADATA_KEY: &str = "tonearm";

/// Name of the network whose logits are the prediction; its tensors' names start with it and a dot.
const MAIN: &str = "network";

/// Name of the part that estimates from audio the columns that the part [`TABLE`] reads.
pub const ATTRIBUTES: &str = "attributes";

/// Name of the part that reads the estimates of [`ATTRIBUTES`].
pub const TABLE: &str = "mlp";

/// Prefix of the names of the artist lists.
const ARTISTS: &str = "artists.";

/// Prefix of the names of the map's tensors.
const MAP: &str = "map.";

/// Names that no part may have.
const RESERVED: [&str; 3] = [MAIN, "artists", "map"];

/// Artist ids by the split that their rows were in; each list is ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Artists {
    /// Artists in the training set.
    pub train: Vec<i32>,
    /// Artists in the validation set.
    pub validation: Vec<i32>,
    /// Artists in the test set.
    pub test: Vec<i32>,
}

/// Contents of a weights file, read and validated.
#[derive(Clone)]
pub struct Weights {
    /// Description of the classifier.
    pub metadata: Metadata,
    /// Artists that the network was trained and evaluated on.
    pub artists: Artists,
    /// Map of the training tracks, if the file has one.
    pub map: Option<Map>,
    /// Parameters of each network, by its name.
    parameters: BTreeMap<String, Vec<Tensor>>,
}

impl Weights {
    /// Reads a weights file.
    ///
    /// # Errors
    /// [`Error::Weights`] if the bytes are not a weights file or are inconsistent,
    /// [`Error::NewerWeights`] if a newer version wrote them, [`Error::FeatureMismatch`] if this
    /// version computes other features than the network was trained on.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_BYTES {
            let (expected, got) = (format!("have at most {MAX_BYTES} bytes"), bytes.len());
            return Err(Error::weights(Defect::mismatch("it", expected, got)));
        }
        let unreadable = || {
            let expected = "a weights file";
            Error::weights(Defect::Format { expected })
        };
        let reader = Reader::from_bytes(Bytes::from_bytes_vec(bytes.to_vec()))
            .map_err(|error| unreadable().caused_by(error))?;
        let metadata = metadata::read_metadata(&reader)?;
        let tensors = reader
            .into_tensors()
            .map_err(|error| unreadable().caused_by(error))?;

        let mut weights = Self {
            metadata,
            artists: Artists::default(),
            map: None,
            parameters: BTreeMap::new(),
        };
        let mut map_tensors = BTreeMap::new();
        for mut tensor in tensors {
            if let Some(part) = tensor.name.strip_prefix(ARTISTS) {
                let list = weights.artists.part_mut(part)?;
                *list = integers(&tensor)?;
            } else if let Some(name) = tensor.name.strip_prefix(MAP) {
                map_tensors.insert(name.to_owned(), tensor);
            } else if let Some((network, name)) = tensor.name.split_once('.') {
                let owned = weights.parameters.entry(network.to_owned()).or_default();
                tensor.name = name.to_owned();
                owned.push(tensor);
            }
        }
        if !map_tensors.is_empty() {
            weights.set_map(map::read(map_tensors)?)?;
        }
        Ok(weights)
    }

    /// Collects the parameters of networks from their device, as 16 bit floats.
    ///
    /// # Errors
    /// [`Error::Device`] if they cannot be read.
    pub async fn of(
        network: &Network,
        parts: &BTreeMap<String, Network>,
        metadata: Metadata,
        artists: Artists,
    ) -> Result<Self> {
        let mut parameters = BTreeMap::new();
        parameters.insert(MAIN.to_owned(), half_precision(network).await?);
        for (name, part) in parts {
            parameters.insert(name.clone(), half_precision(part).await?);
        }
        Ok(Self {
            metadata,
            artists,
            map: None,
            parameters,
        })
    }

    /// Adds a map of the training tracks.
    ///
    /// # Errors
    /// [`Error::Weights`] if the map does not match the network's embeddings and labels, or is
    /// inconsistent.
    pub fn set_map(&mut self, map: Map) -> Result<()> {
        let embedding = self.metadata.embedding();
        let n_features = embedding.and_then(|(_, part)| part.model.n_features());
        map.validate(n_features.unwrap_or(0), self.metadata.labels.len())?;
        self.map = Some(map);
        Ok(())
    }

    /// Serialises to the bytes of a weights file.
    ///
    /// # Errors
    /// [`Error::Unwritable`] if serialisation fails.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut tensors = Vec::new();
        for (network, owned) in &self.parameters {
            tensors.extend(owned.iter().cloned().map(|mut tensor| {
                tensor.name = format!("{network}.{}", tensor.name);
                tensor
            }));
        }
        for (part, list) in self.artists.parts() {
            tensors.push(tensors::of_integers(&format!("{ARTISTS}{part}"), list));
        }
        if let Some(map) = &self.map {
            tensors.extend(map::write(map));
        }
        let json =
            serde_json::to_string(&self.metadata).map_err(Error::unwritable("weights file"))?;
        let bytes = Writer::new(tensors)
            .with_metadata(METADATA_KEY, &json)
            .into_bytes()
            .map_err(Error::unwritable("weights file"))?;
        Ok(bytes.to_vec())
    }

    /// Name of the network, name and shape of every parameter.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str, &[usize])> {
        self.parameters.iter().flat_map(|(network, tensors)| {
            let tensors = tensors.iter();
            tensors.map(move |tensor| (&network[..], &tensor.name[..], &tensor.shape[..]))
        })
    }

    /// Raw bytes of one parameter of a network, or `None` if there is no such parameter.
    pub fn parameter(&self, network: &str, name: &str) -> Option<Vec<u8>> {
        let mut tensors = self.parameters.get(network)?.iter();
        let tensor = tensors.find(|tensor| tensor.name == name)?;
        Some(tensor.to_bytes().ok()?.to_vec())
    }

    /// Builds the network whose logits are the prediction.
    ///
    /// # Errors
    /// [`Error::Weights`] if a parameter is missing, has another shape, or is not finite.
    pub fn network(&self, device: &Device) -> Result<Network> {
        self.build(MAIN, &self.metadata.network, device)
    }

    /// Builds the parts: the networks whose logits the main network reads.
    ///
    /// # Errors
    /// [`Error::Weights`] if a parameter is missing, has another shape, or is not finite.
    pub fn parts(&self, device: &Device) -> Result<BTreeMap<String, Network>> {
        let parts = self.metadata.parts.iter();
        parts
            .map(|(name, part)| Ok((name.clone(), self.build(name, part, device)?)))
            .collect()
    }

    /// Builds the network or the part with this name.
    ///
    /// # Errors
    /// [`Error::Weights`] if there is no network with this name, or a parameter is missing, has
    /// another shape, or is not finite.
    pub fn named(&self, name: &str, device: &Device) -> Result<Network> {
        match self.metadata.parts.get(name) {
            Some(part) => self.build(name, part, device),
            None if name == MAIN => self.network(device),
            None => Err(Error::weights(Defect::missing(format!(
                "its network `{name}`"
            )))),
        }
    }

    fn build(&self, name: &str, part: &NetworkSpec, device: &Device) -> Result<Network> {
        let parameters = self.parameters.get(name).cloned().unwrap_or_default();
        for parameter in &parameters {
            tensors::check_finite(parameter)?;
        }
        let misfit = || {
            let got = "those of another network";
            Error::weights(Defect::mismatch("its parameters", "match its network", got))
        };
        // Burn initialises a parameter before it compares the shapes, so the settings of the network
        // could claim any amount of memory.
        let network = part.model.init(device);
        let shapes = parameters.iter().map(|parameter| &parameter.shape);
        let n_values = shapes.map(|shape| shape.iter().map(|&axis| axis as u64).product::<u64>());
        if parameters::count(&network) > n_values.sum() {
            return Err(misfit());
        }
        let misfit = |cause: Cause| misfit().caused_by(cause);
        let bytes = Writer::new(parameters)
            .into_bytes()
            .map_err(|error| misfit(error.into()))?;
        let record = ModuleRecord::from_bytes(bytes)
            .map_err(|error| misfit(error.into()))?
            .cast_to_module_dtype();
        network
            .try_load_record(record)
            .map_err(|error| misfit(error.into()))
    }
}

/// Parameters of a network as 16 bit floats.
async fn half_precision(network: &Network) -> Result<Vec<Tensor>> {
    let parameters = parameters::read_all(network).await?.into_iter();
    let half = |p: parameters::Parameter| of_floats(&p.name, p.shape, &p.values);
    Ok(parameters.map(half).collect())
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
            _ => Err(Error::weights(Defect::Unexpected {
                part: format!("the list of artists of the split `{name}`"),
            })),
        }
    }
}

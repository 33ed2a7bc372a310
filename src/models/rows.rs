//! Evaluates a network on rows of a data set, in batches.

use burn::tensor::{Device, Tensor, TensorData};

use super::{Network, Normalisation, attributes, pool};
use crate::data::{Dataset, Matrix};
use crate::{Error, Result};

/// Computes the logits of rows of a data set, in batches.
///
/// # Shapes
/// - returns `[n_rows][n_labels]`
///
/// # Errors
/// [`Error::Device`] if the device fails.
pub async fn row_logits(
    network: &Network,
    normalisation: &Normalisation,
    data: &Dataset,
    rows: &[usize],
    device: &Device,
) -> Result<Matrix> {
    let logits = |rows| pool(network.forward(rows));
    in_batches(logits, normalisation, data, rows, device).await
}

/// Computes the embeddings of rows of a data set, in batches.
///
/// An embedding is the input of the last layer, averaged over the time steps.
///
/// # Shapes
/// - returns `[n_rows][n_features]`
///
/// # Errors
/// [`Error::Device`] if the device fails.
pub async fn row_embeddings(
    network: &Network,
    normalisation: &Normalisation,
    data: &Dataset,
    rows: &[usize],
    device: &Device,
) -> Result<Matrix> {
    let features = |rows| match network {
        Network::Cnn(cnn) => cnn.features(rows),
        Network::Rnn(rnn) => rnn.features(rows),
        Network::Mlp(mlp) => mlp.features(rows),
        Network::Attributes(_) => attributes::statistics(rows),
        Network::OriginalCnn(cnn) => cnn.features(rows),
        Network::OriginalRnn(rnn) => rnn.features(rows),
    };
    let embeddings = |rows| pool(features(rows));
    in_batches(embeddings, normalisation, data, rows, device).await
}

/// Applies `evaluate` to normalised rows of a data set, in batches.
///
/// # Errors
/// [`Error::Device`] if the device fails.
async fn in_batches(
    evaluate: impl Fn(Tensor<3>) -> Tensor<2>,
    normalisation: &Normalisation,
    data: &Dataset,
    rows: &[usize],
    device: &Device,
) -> Result<Matrix> {
    const BATCH: usize = 32;
    let [height, width] = data.shape;
    let (mut n_columns, mut outputs) = (0, Vec::new());
    for batch in rows.chunks(BATCH) {
        let mut values = data.matrix(batch).into_values();
        normalisation.apply(&mut values, data.layout());
        let values = TensorData::new(values, [batch.len(), height, width]);
        let output = evaluate(Tensor::from_data(values, device));
        n_columns = output.dims()[1];
        outputs.append(&mut read(output).await?);
    }
    Matrix::new(n_columns, outputs)
}

/// Reads a tensor back from its device. All of this crate reads through this function, except for the
/// optimizer's state in a checkpoint.
///
/// # Errors
/// [`Error::Device`] if the device is lost or the values are not `f32`.
pub(crate) async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    #[cfg(all(test, feature = "train"))]
    interruption::interrupt().await?;
    let data = tensor.into_data_async().await.map_err(Error::device)?;
    data.try_into_vec().map_err(Error::device)
}

/// Interruption of reads in tests, as by a GPU: the CPU neither suspends nor fails.
#[cfg(all(test, feature = "train"))]
pub(crate) mod interruption {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::task::Poll;

    use crate::{Error, Result};

    thread_local! {
        static NEXT: Cell<Option<Interruption>> = const { Cell::new(None) };
    }

    /// What happens to a read.
    #[derive(Clone, Copy)]
    pub(crate) enum Interruption {
        /// It suspends once.
        Suspend,
        /// The device fails.
        Fail,
    }

    /// Interrupts the next read of this thread.
    pub(crate) fn set(next: Option<Interruption>) {
        NEXT.set(next);
    }

    pub(super) async fn interrupt() -> Result<()> {
        let next = NEXT.take();
        if let Some(Interruption::Fail) = next {
            return Err(Error::device("interrupted by a test"));
        }
        let mut suspends = next.is_some();
        poll_fn(|_| match std::mem::take(&mut suspends) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        })
        .await;
        Ok(())
    }
}

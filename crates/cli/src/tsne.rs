//! Reproducible t-SNE of embeddings.

use anyhow::Result;
use rayon::ThreadPoolBuilder;
use tonearm::data::Matrix;
use tonearm::embedding_map::projection;

/// Two-dimensional coordinates of embeddings by [`projection::coordinates`].
///
/// Runs on one thread, because the order of floating-point sums would otherwise vary.
///
/// # Errors
/// If there are no embeddings.
pub fn coordinates(embeddings: &Matrix) -> Result<Vec<[f32; 2]>> {
    let single_thread = ThreadPoolBuilder::new().num_threads(1).build()?;
    Ok(single_thread.install(|| projection::coordinates(embeddings))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_rows_always_get_the_same_coordinates() {
        let row = |row: usize| [0.7, 1.3, 2.1].map(|rate| (row as f32 * rate).sin());
        let rows = (0..300).map(row).collect();
        let coordinates = || coordinates(&rows).expect("the rows are not empty");
        assert_eq!(coordinates(), coordinates());
    }
}

//! Embeddings on a plane, the same each time.

use anyhow::Result;
use rayon::ThreadPoolBuilder;
use tonearm::embedding_map::projection;

/// Places of embeddings on a plane, as [`projection::places`] has them on one thread.
///
/// # Errors
/// If there is no embedding.
pub fn places(embeddings: &[Vec<f32>]) -> Result<Vec<[f32; 2]>> {
    let alone = ThreadPoolBuilder::new().num_threads(1).build()?;
    Ok(alone.install(|| projection::places(embeddings))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_rows_have_the_same_places() {
        let row = |row: usize| {
            [0.7, 1.3, 2.1]
                .map(|rate| (row as f32 * rate).sin())
                .to_vec()
        };
        let rows: Vec<Vec<f32>> = (0..300).map(row).collect();
        let places = || places(&rows).expect("there are rows");
        assert_eq!(places(), places());
    }
}

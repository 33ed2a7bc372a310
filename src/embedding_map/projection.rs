//! Two-dimensional projection of embeddings with t-SNE.

use bhtsne::{Neighbor, tSNE};

use crate::Result;
use crate::data::Matrix;
use crate::embedding_map::Pca;

/// Perplexity of t-SNE: the effective number of neighbours of each track.
const PERPLEXITY: f32 = 50.0;

/// Number of principal components that t-SNE compares; the rest is mostly noise and would cost
/// time.
const N_AXES: usize = 50;

/// Fewest tracks for t-SNE; below, the first two principal components are used.
const MIN_TRACKS: usize = 8;

/// Barnes-Hut approximation: 0 is exact, 1 is coarse.
const THETA: f32 = 0.5;

/// Coordinates of embeddings in the plane, such that similar tracks are close together.
///
/// The result is deterministic on one thread. On several threads the order of floating-point sums
/// varies, and t-SNE amplifies the differences.
///
/// # Shapes
/// - `embeddings`: `[n][n_features]`
/// - returns `[n]`, x and y of each
///
/// # Errors
/// [`Error::Dataset`](crate::Error::Dataset) if there are no embeddings.
///
/// # Source
/// Van der Maaten, *Accelerating t-SNE using tree-based algorithms*, JMLR 2014. The initial layout
/// is the first two principal components, as Kobak and Berens, Nature Communications 2019,
/// recommend.
pub fn coordinates(embeddings: &Matrix) -> Result<Vec<[f32; 2]>> {
    let pca = Pca::fit(embeddings, N_AXES)?;
    let projected: Matrix = embeddings.rows().map(|row| pca.project(row).0).collect();
    let rows: Vec<&[f32]> = projected.rows().collect();
    let first_two = |row: &&[f32]| [0, 1].map(|axis| row.get(axis).copied().unwrap_or_default());
    let start: Vec<[f32; 2]> = rows.iter().map(first_two).collect();
    if rows.len() < MIN_TRACKS {
        return Ok(start);
    }
    let squares: f32 = start.iter().map(|position| position[0].powi(2)).sum();
    let deviation = (squares / rows.len() as f32).sqrt().max(f32::MIN_POSITIVE);
    let initial: Vec<f32> = start
        .as_flattened()
        .iter()
        .map(|value| value / deviation * 1e-4)
        .collect();

    let max_perplexity = (rows.len() - 1) as f32 / 3.0;
    let perplexity = PERPLEXITY.min(max_perplexity);
    let neighbours = neighbours(&rows, (3.0 * perplexity) as usize);
    let mut tsne: tSNE<f32, &[f32]> = tSNE::new(&rows);
    tsne.perplexity(perplexity)
        .initial_embedding(initial)
        .barnes_hut_with_neighbors(THETA, &neighbours);
    Ok(tsne.embedding().as_chunks().0.to_vec())
}

/// The `k` nearest neighbours of each row, by increasing distance.
///
/// The search is exhaustive, because a tree with random pivots breaks ties differently on each run.
fn neighbours(rows: &[&[f32]], k: usize) -> Vec<Vec<Neighbor<f32>>> {
    let of = |(index, row): (usize, &&[f32])| {
        let others = rows.iter().enumerate().filter(|(other, _)| *other != index);
        let mut all: Vec<Neighbor<f32>> = others
            .map(|(index, other)| Neighbor {
                index,
                distance: distance(row, other),
            })
            .collect();
        let nearer = |a: &Neighbor<f32>, b: &Neighbor<f32>| a.distance.total_cmp(&b.distance);
        if all.len() > k {
            all.select_nth_unstable_by(k, nearer);
            all.truncate(k);
        }
        all.sort_by(|a, b| nearer(a, b).then(a.index.cmp(&b.index)));
        all
    };
    rows.iter().enumerate().map(of).collect()
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two clusters of rows, far apart.
    fn rows(n: usize) -> Matrix {
        let row = |row: usize| {
            let side = if row.is_multiple_of(2) { 4.0 } else { -4.0 };
            let wave = |rate: f32| (row as f32 * rate).sin();
            [side + wave(0.7), wave(1.3), wave(2.1)]
        };
        (0..n).map(row).collect()
    }

    #[test]
    fn neighbours_stay_close_in_the_projection() {
        let coordinates = coordinates(&rows(120)).expect("there are rows");
        let nearest = |index: usize| {
            (0..coordinates.len())
                .filter(|&other| other != index)
                .min_by(|&a, &b| {
                    let to = |other: usize| distance(&coordinates[index], &coordinates[other]);
                    to(a).total_cmp(&to(b))
                })
        };
        let apart =
            (0..coordinates.len()).filter(|&row| nearest(row).map(|n| n % 2) != Some(row % 2));
        assert_eq!(apart.count(), 0);
    }

    #[test]
    fn a_few_tracks_are_projected_on_the_first_two_components() {
        for n in 1..MIN_TRACKS + 2 {
            let coordinates = coordinates(&rows(n)).expect("there are rows");
            assert_eq!(coordinates.len(), n);
            assert!(
                coordinates
                    .as_flattened()
                    .iter()
                    .all(|value| value.is_finite())
            );
        }
        assert!(coordinates(&Matrix::default()).is_err());
    }
}

//! Embeddings on a plane.

use bhtsne::{Neighbor, tSNE};

use crate::Result;
use crate::embedding_map::Pca;

/// Neighbours that a track is drawn near to, about.
const PERPLEXITY: f32 = 50.0;

/// Principal axes that are compared: what is beyond is noise, and costs time.
const N_AXES: usize = 50;

/// Fewest tracks that neighbours say something about; of fewer, the two widest axes are shown.
const FEWEST: usize = 8;

/// How much is approximated: 0 nothing, 1 much.
const THETA: f32 = 0.5;

/// Places of embeddings on a plane, such that neighbours stay neighbours. On one thread the same
/// embeddings have the same places; over several, sums are rounded otherwise each time, and t-SNE makes
/// much of little.
///
/// # Shapes
/// - `embeddings`: `[n][n_features]`
/// - returns `[n]`
///
/// # Errors
/// [`Error::Dataset`](crate::Error::Dataset) if there is no embedding.
///
/// # Source
/// Van der Maaten, *Accelerating t-SNE using tree-based algorithms*, JMLR 2014; started from the
/// principal axes, as Kobak and Berens, Nature Communications 2019, recommend.
pub fn places(embeddings: &[Vec<f32>]) -> Result<Vec<[f32; 2]>> {
    let axes = Pca::fit(embeddings, N_AXES)?;
    let rows: Vec<Vec<f32>> = embeddings.iter().map(|row| axes.project(row).0).collect();
    let widest = |row: &Vec<f32>| [0, 1].map(|axis| row.get(axis).copied().unwrap_or_default());
    let start: Vec<[f32; 2]> = rows.iter().map(widest).collect();
    if rows.len() < FEWEST {
        return Ok(start);
    }
    let squares: f32 = start.iter().map(|place| place[0].powi(2)).sum();
    let deviation = (squares / rows.len() as f32).sqrt().max(f32::MIN_POSITIVE);
    let small: Vec<f32> = start
        .as_flattened()
        .iter()
        .map(|value| value / deviation * 1e-4)
        .collect();

    let most = (rows.len() - 1) as f32 / 3.0;
    let perplexity = PERPLEXITY.min(most);
    let neighbours = neighbours(&rows, (3.0 * perplexity) as usize);
    let mut tsne: tSNE<f32, Vec<f32>> = tSNE::new(&rows);
    tsne.perplexity(perplexity)
        .initial_embedding(small)
        .barnes_hut_with_neighbors(THETA, &neighbours);
    Ok(tsne.embedding().as_chunks().0.to_vec())
}

/// The `k` nearest other rows of each row, the nearest first: all are compared, as a search tree of
/// random pivots would find other ones among equals each time.
fn neighbours(rows: &[Vec<f32>], k: usize) -> Vec<Vec<Neighbor<f32>>> {
    let of = |(index, row): (usize, &Vec<f32>)| {
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

    /// Two heaps of rows, far apart.
    fn rows(n: usize) -> Vec<Vec<f32>> {
        let row = |row: usize| {
            let side = if row.is_multiple_of(2) { 4.0 } else { -4.0 };
            let wave = |rate: f32| (row as f32 * rate).sin();
            vec![side + wave(0.7), wave(1.3), wave(2.1)]
        };
        (0..n).map(row).collect()
    }

    #[test]
    fn neighbours_stay_neighbours() {
        let places = places(&rows(120)).expect("there are rows");
        let nearest = |index: usize| {
            (0..places.len())
                .filter(|&other| other != index)
                .min_by(|&a, &b| {
                    let to = |other: usize| distance(&places[index], &places[other]);
                    to(a).total_cmp(&to(b))
                })
        };
        let apart = (0..places.len()).filter(|&row| nearest(row).map(|n| n % 2) != Some(row % 2));
        assert_eq!(apart.count(), 0);
    }

    #[test]
    fn a_handful_is_drawn_along_its_widest_axes() {
        for n in 1..FEWEST + 2 {
            let places = places(&rows(n)).expect("there are rows");
            assert_eq!(places.len(), n);
            assert!(places.as_flattened().iter().all(|value| value.is_finite()));
        }
        assert!(places(&[]).is_err());
    }
}

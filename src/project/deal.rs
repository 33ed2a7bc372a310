//! Which files train and which validate: by artist, with files of every class on both sides.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::split::hash;

/// What decides where a file goes.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) class: usize,
    pub(crate) artist: Option<String>,
}

/// Files in groups that stay together, each class's in the order in which they are dealt out.
pub(crate) struct Deal {
    /// `[n_classes][n_groups]`, files of each
    classes: Vec<Vec<Vec<usize>>>,
    /// Classes whose files are all by one artist, so that they had to be torn apart.
    pub(crate) torn: Vec<usize>,
    n_files: usize,
}

/// Files that are fitted on, and those that are kept back.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Parts {
    pub(crate) train: Vec<usize>,
    pub(crate) validation: Vec<usize>,
}

impl Deal {
    /// Groups files by their artist; one whose artist is not known stands alone.
    ///
    /// An artist goes with the class of most of its files. A class of one artist alone could stand
    /// on one side only: its files are dealt out one by one, and it is listed as torn.
    pub(crate) fn new(samples: &[Sample], n_classes: usize, seed: u64) -> Self {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut artists: BTreeMap<&str, usize> = BTreeMap::new();
        for (file, sample) in samples.iter().enumerate() {
            let Some(artist) = &sample.artist else {
                groups.push(vec![file]);
                continue;
            };
            let group = *artists.entry(artist).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[group].push(file);
        }
        let mut classes = vec![Vec::new(); n_classes];
        for (index, group) in groups.into_iter().enumerate() {
            classes[main_class(samples, &group, n_classes)].push((hash(index as i32, seed), group));
        }
        let mut torn = Vec::new();
        let classes = classes.into_iter().enumerate().map(|(class, mut groups)| {
            groups.sort();
            let mut groups: Vec<Vec<usize>> = groups.into_iter().map(|(_, group)| group).collect();
            if let [group] = &groups[..]
                && group.len() > 1
            {
                torn.push(class);
                groups = group.iter().map(|&file| vec![file]).collect();
            }
            groups
        });
        Self {
            classes: classes.collect(),
            torn,
            n_files: samples.len(),
        }
    }

    /// Keeps back about a share of the files of each class, and never all nor none of its groups.
    pub(crate) fn hold_out(&self, share: f64) -> Parts {
        let mut validates = vec![false; self.n_files];
        for groups in &self.classes {
            let n_files: usize = groups.iter().map(Vec::len).sum();
            let wanted = share * n_files as f64;
            let mut n = 0.0;
            for (index, group) in groups.iter().enumerate() {
                let size = group.len() as f64;
                // Rather one too few than too many; the last always trains.
                let closer = (n + size - wanted).abs() < (n - wanted).abs();
                if index + 1 < groups.len() && closer {
                    group.iter().for_each(|&file| validates[file] = true);
                    n += size;
                }
            }
            if n == 0.0 && groups.len() > 1 {
                let smallest = groups.iter().min_by_key(|group| group.len());
                let smallest = smallest.expect("there are groups");
                smallest.iter().for_each(|&file| validates[file] = true);
            }
        }
        self.parts(|file| validates[file])
    }

    /// Keeps back each file once: those of each of `k` folds.
    pub(crate) fn folds(&self, k: usize) -> Vec<Parts> {
        let mut fold_of = vec![0; self.n_files];
        let mut sizes = vec![0; k];
        for groups in &self.classes {
            let mut of_class = vec![0; k];
            for group in groups {
                let fold = (0..k)
                    .min_by_key(|&fold| (of_class[fold], sizes[fold]))
                    .expect("there are folds");
                group.iter().for_each(|&file| fold_of[file] = fold);
                of_class[fold] += group.len();
                sizes[fold] += group.len();
            }
        }
        let folds = (0..k).map(|fold| self.parts(|file| fold_of[file] == fold));
        // Of few files some folds are empty: there is nothing to measure there.
        folds.filter(|parts| !parts.validation.is_empty()).collect()
    }

    fn parts(&self, validates: impl Fn(usize) -> bool) -> Parts {
        let (validation, train) = (0..self.n_files).partition(|&file| validates(file));
        Parts { train, validation }
    }
}

/// The class that most of the files have; the first of several.
fn main_class(samples: &[Sample], files: &[usize], n_classes: usize) -> usize {
    let mut counts = vec![0_usize; n_classes];
    for &file in files {
        counts[samples[file].class] += 1;
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    counts.iter().position(|&n| n == most).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(of: &[(usize, Option<&str>)]) -> Vec<Sample> {
        of.iter()
            .map(|&(class, artist)| Sample {
                class,
                artist: artist.map(str::to_owned),
            })
            .collect()
    }

    fn classes_of(samples: &[Sample], files: &[usize]) -> Vec<usize> {
        let mut classes: Vec<usize> = files.iter().map(|&file| samples[file].class).collect();
        classes.sort_unstable();
        classes.dedup();
        classes
    }

    #[test]
    fn every_class_stands_on_both_sides_however_few_its_files() {
        for n in 2..9 {
            let files: Vec<_> = (0..3 * n).map(|file| (file % 3, None)).collect();
            let samples = samples(&files);
            for seed in 0..5 {
                let parts = Deal::new(&samples, 3, seed).hold_out(0.25);
                assert_eq!(classes_of(&samples, &parts.train), [0, 1, 2]);
                assert_eq!(classes_of(&samples, &parts.validation), [0, 1, 2]);
                assert_eq!(parts.train.len() + parts.validation.len(), files.len());
                assert!(parts.validation.len() <= parts.train.len());
            }
        }
    }

    #[test]
    fn an_artist_stands_on_one_side() {
        let artists = ["a", "a", "a", "b", "b", "c", "d", "e"];
        let files: Vec<_> = (0..16)
            .map(|file| {
                (
                    file / 8,
                    Some(["x", "y"][file / 8]).map(|_| artists[file % 8]),
                )
            })
            .collect();
        let samples = samples(&files);
        for seed in 0..20 {
            let deal = Deal::new(&samples, 2, seed);
            let mut all = deal.folds(3);
            all.push(deal.hold_out(0.3));
            for parts in all {
                for &file in &parts.validation {
                    let same = |&other: &usize| samples[other].artist == samples[file].artist;
                    assert!(!parts.train.iter().any(same), "seed {seed}");
                }
            }
        }
    }

    #[test]
    fn a_class_of_one_artist_is_torn_and_said_to_be() {
        let samples = samples(&[
            (0, Some("a")),
            (0, Some("a")),
            (0, Some("a")),
            (1, None),
            (1, None),
        ]);
        let deal = Deal::new(&samples, 2, 0);
        assert_eq!(deal.torn, [0]);
        let parts = deal.hold_out(0.3);
        assert_eq!(classes_of(&samples, &parts.validation), [0, 1]);
    }

    #[test]
    fn folds_keep_back_each_file_once() {
        let files: Vec<_> = (0..23).map(|file| (file % 2, None)).collect();
        let folds = Deal::new(&samples(&files), 2, 4).folds(5);
        let mut kept: Vec<usize> = folds
            .iter()
            .flat_map(|parts| parts.validation.clone())
            .collect();
        kept.sort_unstable();
        assert_eq!(kept, (0..23).collect::<Vec<_>>());
    }
}

//! Which files train and which validate: by artist, with files of every class on both sides.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::data::split::hash;

/// What decides where a file goes.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) class: usize,
    pub(crate) artist: Option<String>,
}

/// Files in groups that stay together, each class's in the order in which they are dealt out.
pub(crate) struct GroupSplit {
    /// `[n_classes][n_groups]`, files of each
    classes: Vec<Vec<Vec<usize>>>,
    /// Classes whose files are all by one artist, so that they had to be torn apart.
    pub(crate) classes_with_leakage: Vec<usize>,
    n_files: usize,
}

/// Files that are fitted on, and those that are kept back.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Parts {
    pub(crate) train: Vec<usize>,
    pub(crate) validation: Vec<usize>,
}

impl GroupSplit {
    /// Groups files by their artist; one whose artist is not known stands alone.
    ///
    /// An artist goes with the class of most of its files, or with another of its classes that has
    /// fewer than two groups and so could stand on one side only. Where no artist can be spared, those of
    /// that class are torn into single files, and the classes of those are listed as torn.
    pub(crate) fn new(samples: &[Sample], n_classes: usize, seed: u64) -> Self {
        let mut artists: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (file, sample) in samples.iter().enumerate() {
            match &sample.artist {
                Some(artist) => artists.entry(artist).or_default().push(file),
                None => groups.push(vec![file]),
            }
        }
        groups.extend(artists.into_values());
        let mut classes_with_leakage = BTreeSet::new();
        let mut classes = by_main_class(samples, groups, n_classes);
        while let Some(class) = (0..n_classes).find(|&class| is_short(samples, &classes, class)) {
            if spare(samples, &mut classes, class) {
                continue;
            }
            let has_class = |group: &Vec<usize>| group.iter().any(|&f| samples[f].class == class);
            let (broken, mut kept): (Vec<_>, Vec<_>) =
                classes.into_iter().flatten().partition(has_class);
            for file in broken.iter().filter(|group| group.len() > 1).flatten() {
                classes_with_leakage.insert(samples[*file].class);
            }
            kept.extend(broken.into_iter().flatten().map(|file| vec![file]));
            classes = by_main_class(samples, kept, n_classes);
        }
        for groups in &mut classes {
            groups.sort_by_key(|group| (hash(group[0] as i32, seed), group[0]));
        }
        Self {
            classes,
            classes_with_leakage: classes_with_leakage.into_iter().collect(),
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

/// Groups by the class that most of their files have.
fn by_main_class(
    samples: &[Sample],
    groups: Vec<Vec<usize>>,
    n_classes: usize,
) -> Vec<Vec<Vec<usize>>> {
    let mut classes = vec![Vec::new(); n_classes];
    for group in groups {
        classes[main_class(samples, &group, n_classes)].push(group);
    }
    classes
}

/// Whether a class has fewer than two groups, though it has files enough for two.
fn is_short(samples: &[Sample], classes: &[Vec<Vec<usize>>], class: usize) -> bool {
    let n_files = samples
        .iter()
        .filter(|sample| sample.class == class)
        .count();
    classes[class].len() < 2 && n_files >= 2
}

/// Gives a class the group with most files of it, of a class that can spare one.
fn spare(samples: &[Sample], classes: &mut [Vec<Vec<usize>>], class: usize) -> bool {
    let count = |group: &[usize]| group.iter().filter(|&&f| samples[f].class == class).count();
    let mut best = (0, 0, 0);
    for (other, groups) in classes.iter().enumerate() {
        if other == class || groups.len() < 3 {
            continue;
        }
        for (index, group) in groups.iter().enumerate() {
            if count(group) > best.0 {
                best = (count(group), other, index);
            }
        }
    }
    let (n, other, index) = best;
    if n > 0 {
        let group = classes[other].remove(index);
        classes[class].push(group);
    }
    n > 0
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
                let parts = GroupSplit::new(&samples, 3, seed).hold_out(0.25);
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
            let group_split = GroupSplit::new(&samples, 2, seed);
            let mut all = group_split.folds(3);
            all.push(group_split.hold_out(0.3));
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
        let group_split = GroupSplit::new(&samples, 2, 0);
        assert_eq!(group_split.classes_with_leakage, [0]);
        let parts = group_split.hold_out(0.3);
        assert_eq!(classes_of(&samples, &parts.validation), [0, 1]);
    }

    #[test]
    fn an_artist_of_all_files_is_torn_in_every_class() {
        // The tags of a phone: one artist for everything, the larger class last.
        for (few, many) in [(4, 12), (10, 10), (2, 30)] {
            let files: Vec<_> = (0..few + many)
                .map(|file| (usize::from(file >= few), Some("Me")))
                .collect();
            let samples = samples(&files);
            for seed in 0..10 {
                let group_split = GroupSplit::new(&samples, 2, seed);
                assert_eq!(group_split.classes_with_leakage, [0, 1]);
                let parts = group_split.hold_out(0.25);
                assert_eq!(classes_of(&samples, &parts.train), [0, 1]);
                assert_eq!(classes_of(&samples, &parts.validation), [0, 1]);
            }
        }
    }

    #[test]
    fn artists_of_two_classes_leave_none_without_groups() {
        // Both artists have more of the first class than of the second.
        let files: Vec<_> = (0..16)
            .map(|file| (usize::from(file % 8 >= 5), Some(["x", "y"][file / 8])))
            .collect();
        let samples = samples(&files);
        for seed in 0..10 {
            let parts = GroupSplit::new(&samples, 2, seed).hold_out(0.25);
            assert_eq!(classes_of(&samples, &parts.train), [0, 1]);
            assert_eq!(classes_of(&samples, &parts.validation), [0, 1]);
        }
    }

    #[test]
    fn folds_keep_back_each_file_once() {
        let files: Vec<_> = (0..23).map(|file| (file % 2, None)).collect();
        let folds = GroupSplit::new(&samples(&files), 2, 4).folds(5);
        let mut kept: Vec<usize> = folds
            .iter()
            .flat_map(|parts| parts.validation.clone())
            .collect();
        kept.sort_unstable();
        assert_eq!(kept, (0..23).collect::<Vec<_>>());
    }
}

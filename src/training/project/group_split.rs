//! Group split of a project: the files of an artist stay on one side, and every class is on both
//! sides.

use std::collections::{BTreeMap, BTreeSet};

use super::File;
use crate::data::split::{Split, hash, most_frequent};

/// Groups of files that stay together, with the groups of each class in random order.
pub(crate) struct GroupSplit {
    /// Files of each group: `[n_classes][n_groups]`
    classes: Vec<Vec<Vec<usize>>>,
    /// Classes with leakage: files by one artist had to be put on both sides of the split.
    pub(crate) classes_with_leakage: Vec<usize>,
    n_files: usize,
}

impl GroupSplit {
    /// Groups files by their artist; a file with an unknown artist forms its own group.
    ///
    /// A group belongs to the class of most of its files, unless another of its classes has fewer
    /// than two groups. If no group can be reassigned, the groups of that class are split into
    /// single files, and the classes of those files are listed as having leakage.
    pub(crate) fn new(samples: &[File], n_classes: usize, seed: u64) -> Self {
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
        while let Some(class) = (0..n_classes).find(|&class| lacks_groups(samples, &classes, class))
        {
            if reassign_group(samples, &mut classes, class) {
                continue;
            }
            let has_class = |group: &Vec<usize>| group.iter().any(|&f| samples[f].class == class);
            let (split, mut kept): (Vec<_>, Vec<_>) =
                classes.into_iter().flatten().partition(has_class);
            for file in split.iter().filter(|group| group.len() > 1).flatten() {
                classes_with_leakage.insert(samples[*file].class);
            }
            kept.extend(split.into_iter().flatten().map(|file| vec![file]));
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

    /// Holds out about a fraction of the files of each class: at least one group, and never all of
    /// them.
    pub(crate) fn hold_out(&self, fraction: f64) -> Split {
        let mut validates = vec![false; self.n_files];
        for groups in &self.classes {
            let n_files: usize = groups.iter().map(Vec::len).sum();
            let target = fraction * n_files as f64;
            let mut n = 0.0;
            for (index, group) in groups.iter().enumerate() {
                let size = group.len() as f64;
                // Adds a group only if that brings the count closer to the target; the last group
                // always trains.
                let closer = (n + size - target).abs() < (n - target).abs();
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

    /// Splits into `k` folds, such that each file validates once.
    pub(crate) fn folds(&self, k: usize) -> Vec<Split> {
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
        // With few files some folds are empty, and there is nothing to validate on.
        folds.filter(|parts| !parts.validation.is_empty()).collect()
    }

    /// The validation files are the test files as well: a project has too few files for both. The
    /// report says so if an epoch was chosen on them.
    fn parts(&self, validates: impl Fn(usize) -> bool) -> Split {
        let (validation, train): (Vec<_>, _) = (0..self.n_files).partition(|&file| validates(file));
        Split {
            train,
            test: validation.clone(),
            validation,
        }
    }
}

/// Groups by the class of most of their files.
fn by_main_class(
    samples: &[File],
    groups: Vec<Vec<usize>>,
    n_classes: usize,
) -> Vec<Vec<Vec<usize>>> {
    let mut classes = vec![Vec::new(); n_classes];
    for group in groups {
        let own = group.iter().map(|&file| samples[file].class);
        classes[most_frequent(own, n_classes)].push(group);
    }
    classes
}

/// Whether a class has fewer than two groups despite having at least two files.
fn lacks_groups(samples: &[File], classes: &[Vec<Vec<usize>>], class: usize) -> bool {
    let n_files = samples
        .iter()
        .filter(|sample| sample.class == class)
        .count();
    classes[class].len() < 2 && n_files >= 2
}

/// Moves the group with the most files of `class` out of a class that keeps at least two groups.
/// Returns false if there is none.
fn reassign_group(samples: &[File], classes: &mut [Vec<Vec<usize>>], class: usize) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(of: &[(usize, Option<&str>)]) -> Vec<File> {
        of.iter()
            .map(|&(class, artist)| File {
                name: String::new(),
                class,
                artist: artist.map(str::to_owned),
                seconds: 4.0,
                windows: 1,
            })
            .collect()
    }

    fn classes_of(samples: &[File], files: &[usize]) -> Vec<usize> {
        let mut classes: Vec<usize> = files.iter().map(|&file| samples[file].class).collect();
        classes.sort_unstable();
        classes.dedup();
        classes
    }

    #[test]
    fn every_class_is_on_both_sides_even_with_few_files() {
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
    fn all_files_by_an_artist_stay_on_one_side() {
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
    fn a_class_by_one_artist_is_reported_as_leaking() {
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
    fn an_artist_of_all_files_makes_every_class_leak() {
        // As with recordings tagged by a phone: one artist for everything. The larger class is
        // last.
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
    fn artists_with_files_of_both_classes_leave_no_class_without_groups() {
        // Both artists have more files of the first class than of the second.
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
    fn each_file_validates_in_exactly_one_fold() {
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

//! Fits of a run: the folds of a cross-validation and the final fit, or a single fit.

use serde::{Deserialize, Serialize};

use crate::data::Matrix;
use crate::data::split::Split;
use crate::error::Defect;
use crate::recipe::{EpochSelection, Recipe};
use crate::training::trainer::{EpochFigures, Trainer};
use crate::{Error, Result};

/// Fits of a run in training order, with the results of those that have ended.
///
/// It holds no network and no data: the host trains each [`Fit`] and passes its [`FitResult`] to
/// [`finish_fit`](Self::finish_fit). A row is a row of a data set, or a window of a project.
#[derive(Clone, Debug)]
pub struct CrossValidation {
    fits: Vec<Fit>,
    /// Results of the first fits: `[n_ended]`
    results: Vec<FitResult>,
}

/// One fit of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Name of the fit, such as `fold 1 of 4` or `all rows`.
    pub name: String,
    /// Seed of all random numbers in the fit.
    pub seed: u64,
    /// Rows to train on, rows to validate each epoch on, and rows that the kept network is
    /// evaluated on.
    pub split: Split,
}

/// Result of a fit.
///
/// Postcard serialises the fields by position, so their order is part of the checkpoint's format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FitResult {
    /// Figures of each epoch.
    pub epochs: Vec<EpochFigures>,
    /// Number of the epoch whose network is kept, from 1.
    pub kept_epoch: usize,
    /// Number of times the optimiser was reset because a checkpoint lacked its state.
    pub optimizer_resets: usize,
    /// Logits of the test rows: `[n_rows][n_labels]`
    pub logits: Matrix,
}

impl Fit {
    /// Rows that the network is evaluated on after each epoch: the validation rows, or the test
    /// rows if nothing is chosen on them because the last epoch is kept.
    pub fn monitored_rows(&self, selection: EpochSelection) -> &[usize] {
        match self.split.validation.is_empty() && selection == EpochSelection::Last {
            true => &self.split.test,
            false => &self.split.validation,
        }
    }
}

impl FitResult {
    /// Result of a trained network, with its logits for the test rows.
    pub fn new(trainer: &Trainer, kept_epoch: usize, logits: Matrix) -> Self {
        Self {
            epochs: trainer.history().to_vec(),
            kept_epoch,
            optimizer_resets: trainer.optimizer_resets(),
            logits,
        }
    }

    /// Checks a result that was read from a checkpoint of a fit with at most `n_epochs` epochs.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if the kept epoch is not one of its epochs, there is not one row of
    /// `n_labels` finite logits for each of the `n_rows` test rows, or a figure is not valid.
    pub fn check(&self, n_rows: usize, n_labels: usize, n_epochs: usize) -> Result<()> {
        let mismatch = |part: &str, expected: String, got: String| {
            Err(Error::checkpoint(Defect::mismatch(part, expected, got)))
        };
        let n_done = self.epochs.len();
        if !(1..=n_epochs).contains(&n_done) {
            let expected = format!("be those of 1 to {n_epochs} epochs");
            return mismatch("its figures", expected, n_done.to_string());
        }
        if let Some(figures) = self.epochs.iter().find(|figures| !figures.is_valid()) {
            return mismatch("its figures", "be finite".into(), format!("{figures:?}"));
        }
        if !(1..=n_done).contains(&self.kept_epoch) {
            let expected = format!("be in 1..={n_done}");
            return mismatch("its kept epoch", expected, self.kept_epoch.to_string());
        }
        let got = self.logits.n_rows();
        if got != n_rows {
            let expected = format!("have {n_rows} rows");
            return mismatch("its logits", expected, got.to_string());
        }
        let n_columns = self.logits.n_columns();
        if n_rows > 0 && n_columns != n_labels {
            let expected = format!("have {n_labels} numbers");
            return mismatch("each row of its logits", expected, n_columns.to_string());
        }
        if let Some(logit) = self.logits.values().iter().find(|logit| !logit.is_finite()) {
            let expected = "be finite".to_owned();
            return mismatch("its logits", expected, logit.to_string());
        }
        Ok(())
    }
}

impl CrossValidation {
    /// A run with a single fit.
    pub fn single(seed: u64, split: Split) -> Self {
        let name = "training".to_owned();
        Self {
            fits: vec![Fit { name, seed, split }],
            results: Vec::new(),
        }
    }

    /// A cross-validation, repeated once for each seed, then a fit on the rows of `all` with the
    /// first seed.
    pub fn of_folds(repeats: Vec<(u64, Vec<Split>)>, all: Split) -> Self {
        let mut fits = Vec::new();
        let (n_repeats, first_seed) = (repeats.len(), repeats.first().map_or(0, |first| first.0));
        for (seed, splits) in repeats {
            let k = splits.len();
            for (split, number) in splits.into_iter().zip(1..) {
                let name = match n_repeats {
                    1 => format!("fold {number} of {k}"),
                    _ => format!("seed {seed}, fold {number} of {k}"),
                };
                fits.push(Fit { name, seed, split });
            }
        }
        fits.push(Fit {
            name: "all rows".to_owned(),
            seed: first_seed,
            split: all,
        });
        Self {
            fits,
            results: Vec::new(),
        }
    }

    /// The same fits, of which none has ended.
    pub fn without_results(&self) -> Self {
        Self {
            fits: self.fits.clone(),
            results: Vec::new(),
        }
    }

    /// All fits, in training order.
    pub fn fits(&self) -> &[Fit] {
        &self.fits
    }

    /// The first fit without a result; `None` if all have ended.
    pub fn next_fit(&self) -> Option<&Fit> {
        self.fits.get(self.results.len())
    }

    /// The folds: all fits but the last.
    pub fn folds(&self) -> &[Fit] {
        self.fits.split_last().map_or(&[], |(_, folds)| folds)
    }

    /// The first fold without a result; `None` if all have ended.
    pub fn next_fold(&self) -> Option<&Fit> {
        self.folds().get(self.results.len())
    }

    /// The fits that have ended, with their results.
    pub fn ended(&self) -> impl Iterator<Item = (&Fit, &FitResult)> {
        self.fits.iter().zip(&self.results)
    }

    /// Adds the result of the [`next_fit`](Self::next_fit).
    pub fn finish_fit(&mut self, result: FitResult) {
        self.results.push(result);
    }

    /// Recipe of a fit, with its seed. The final fit of a cross-validation has no rows to choose an
    /// epoch on, so it trains for the median of the epochs that the folds kept.
    pub fn recipe(&self, fit: &Fit, recipe: &Recipe) -> Recipe {
        let is_final = fit.split.validation.is_empty() && fit.split.test.is_empty();
        Recipe {
            seed: fit.seed,
            stop_after: match is_final {
                true => self.median_kept_epoch().or(recipe.stop_after),
                false => recipe.stop_after,
            },
            ..recipe.clone()
        }
    }

    /// Median of the kept epochs, the upper one of an even number; `None` before a fit has ended.
    fn median_kept_epoch(&self) -> Option<usize> {
        let mut epochs: Vec<usize> = self.results.iter().map(|fit| fit.kept_epoch).collect();
        epochs.sort_unstable();
        epochs.get(epochs.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(train: &[usize], test: &[usize]) -> Split {
        Split {
            train: train.to_vec(),
            validation: Vec::new(),
            test: test.to_vec(),
        }
    }

    fn result(kept_epoch: usize, n_rows: usize) -> FitResult {
        let epoch = EpochFigures {
            first_loss: 0.7,
            train_loss: 0.5,
            train_top1: 0.8,
            validation_loss: None,
            validation_top1: None,
        };
        FitResult {
            epochs: vec![epoch; 30],
            kept_epoch,
            optimizer_resets: 0,
            logits: vec![[0.5, -0.5]; n_rows].into_iter().collect(),
        }
    }

    /// Three folds of three rows.
    fn three_folds(seed: u64) -> (u64, Vec<Split>) {
        let folds = [(&[1, 2], 0), (&[0, 2], 1), (&[0, 1], 2)];
        let split = |(train, test): (&[usize; 2], usize)| split(train, &[test]);
        (seed, folds.map(split).to_vec())
    }

    #[test]
    fn the_folds_come_before_the_fit_on_all_rows() {
        let all = split(&[0, 1, 2], &[]);
        let mut run = CrossValidation::of_folds(vec![three_folds(4)], all.clone());
        for name in ["fold 1 of 3", "fold 2 of 3", "fold 3 of 3"] {
            let fit = run.next_fit().expect("a fit is left");
            assert_eq!((&fit.name[..], fit.seed), (name, 4));
            assert_eq!(run.next_fold(), Some(fit));
            run.finish_fit(result(1, 1));
        }
        assert_eq!(run.next_fold(), None);
        let fit = run.next_fit().expect("a fit is left");
        assert_eq!((&fit.name[..], &fit.split), ("all rows", &all));
        run.finish_fit(result(1, 0));
        assert_eq!(run.next_fit(), None);
        assert_eq!(run.ended().count(), 4);
    }

    #[test]
    fn repeats_differ_by_seed_and_name() {
        let repeats = vec![three_folds(4), three_folds(5)];
        let run = CrossValidation::of_folds(repeats, split(&[0, 1, 2], &[]));
        let fits: Vec<_> = run.fits().iter().map(|f| (&f.name[..], f.seed)).collect();
        assert_eq!(fits.len(), 7);
        assert_eq!(fits[0], ("seed 4, fold 1 of 3", 4));
        assert_eq!(fits[5], ("seed 5, fold 3 of 3", 5));
        assert_eq!(fits[6], ("all rows", 4));
    }

    #[test]
    fn the_final_fit_trains_for_the_median_of_the_kept_epochs() {
        for (kept, expected) in [([3, 30, 4], 4), ([9, 9, 9], 9), ([30, 1, 2], 2)] {
            let mut run = CrossValidation::of_folds(vec![three_folds(0)], split(&[0, 1, 2], &[]));
            for epoch in kept {
                let fold = run.next_fit().expect("a fold is left").clone();
                assert_eq!(run.recipe(&fold, &Recipe::mlp()).stop_after, None);
                run.finish_fit(result(epoch, 1));
            }
            let last = run.next_fit().expect("the final fit is left");
            let recipe = run.recipe(last, &Recipe::mlp());
            assert_eq!(recipe.stop_after, Some(expected), "{kept:?}");
        }
    }

    #[test]
    fn a_single_fit_trains_for_all_epochs() {
        let run = CrossValidation::single(7, split(&[0, 1], &[2]));
        let fit = run.next_fit().expect("there is one fit");
        let expected = Recipe {
            seed: 7,
            ..Recipe::cnn()
        };
        assert_eq!(run.recipe(fit, &Recipe::cnn()), expected);
        assert_eq!(run.fits().len(), 1);
    }

    #[test]
    fn test_rows_are_monitored_only_where_nothing_is_chosen_on_them() {
        let fit = |validation: &[usize]| Fit {
            name: String::new(),
            seed: 0,
            split: Split {
                validation: validation.to_vec(),
                ..split(&[0, 1], &[2])
            },
        };
        assert_eq!(fit(&[]).monitored_rows(EpochSelection::Last), [2]);
        assert_eq!(fit(&[]).monitored_rows(EpochSelection::Best), [0_usize; 0]);
        assert_eq!(fit(&[3]).monitored_rows(EpochSelection::Last), [3]);
        assert_eq!(fit(&[3]).monitored_rows(EpochSelection::Best), [3]);
    }

    #[test]
    fn an_impossible_result_is_refused() {
        let refusal = |change: &dyn Fn(&mut FitResult)| {
            let mut result = result(30, 3);
            change(&mut result);
            let error = result.check(3, 2, 30).expect_err("the result is refused");
            error.to_string()
        };
        assert!(result(30, 3).check(3, 2, 30).is_ok());
        let rows = |n_rows: usize, row: &[f32]| vec![row; n_rows].into_iter().collect::<Matrix>();
        for (logits, expected) in [
            (Matrix::default(), "have 3 rows, got 0"),
            (rows(2, &[0.5; 2]), "have 3 rows, got 2"),
            (rows(3, &[0.5]), "have 2 numbers, got 1"),
            (rows(3, &[0.5; 3]), "have 2 numbers, got 3"),
            (rows(3, &[0.5, f32::NAN]), "be finite, got NaN"),
        ] {
            let message = refusal(&|r| r.logits = logits.clone());
            assert!(message.contains(expected), "{message}");
        }
        for epoch in [0, 31, usize::MAX] {
            let message = refusal(&|r| r.kept_epoch = epoch);
            assert!(message.contains("be in 1..=30"), "{message}");
        }
        assert!(refusal(&|r| r.epochs.clear()).contains("1 to 30 epochs"));
        assert!(refusal(&|r| r.epochs.push(r.epochs[0].clone())).contains("1 to 30 epochs"));
        assert!(refusal(&|r| r.epochs[2].train_loss = f64::NAN).contains("be finite"));
    }
}

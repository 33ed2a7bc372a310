//! The gradients of the training loss, compared with central differences.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, Gradients, Tensor, TensorData};

use super::batch::Batch;
use super::{Student, Teacher, Trainer, TrainingData};
use crate::data::{Dataset, Values};
use crate::models::ModelConfig;
use crate::models::cnn::CnnConfig;
use crate::models::mlp::MlpConfig;
use crate::models::rnn::RnnConfig;
use crate::noise::Noise;
use crate::recipe::{Loss, Recipe};

/// Changes of a parameter. A difference is wrong where a ReLU or a maximum switches between its two points,
/// so only the better of two differences counts. A wrong gradient differs from both.
const CHANGES: [f32; 2] = [4e-3, 1e-3];

/// Largest error, relative to the largest gradient of the tensor. Largest measured: 0.009.
const TOLERANCE: f32 = 0.02;

/// Error of a difference of two losses in `f32`, whose rounding error is about 1e-7 each.
const ROUNDING: f32 = 2e-4;

const N_ROWS: usize = 6;
const N_LABELS: usize = 3;

#[test]
fn gradients_of_the_cnn_are_those_of_its_loss() {
    let cnn = CnnConfig::new(N_LABELS).with_n_mels(32).with_dropout(0.0);
    let model = ModelConfig::Cnn(cnn.with_channels([3, 4, 4, 5, 5, 6]));
    check(&model, [32, 16], Loss::CrossEntropy);
}

#[test]
fn gradients_of_the_rnn_are_those_of_its_loss() {
    let rnn = RnnConfig::new(N_LABELS).with_n_mfcc(4).with_dropout(0.0);
    let model = ModelConfig::Rnn(rnn.with_channels(5).with_hidden(3));
    check(&model, [40, 4], Loss::CrossEntropy);
}

#[test]
fn gradients_of_the_mlp_are_those_of_both_losses() {
    let mlp = MlpConfig::new(5, N_LABELS).with_hidden(vec![7]);
    let model = ModelConfig::Mlp(mlp.with_members(2));
    for loss in [Loss::CrossEntropy, Loss::SquaredError] {
        check(&model, [1, 5], loss);
    }
}

/// Compares a few gradients of every parameter tensor with differences of the loss.
fn check(model: &ModelConfig, shape: [usize; 2], loss: Loss) {
    let (rows, teacher) = (rows(shape), teacher());
    let data = TrainingData {
        rows: &rows,
        teacher: Some(&teacher),
    };
    let all = (0..N_ROWS).collect();
    let mut trainer = Trainer::new(model, recipe(loss), data, all, &Device::flex())
        .expect("the rows match the network");
    let Trainer {
        batcher,
        recipe,
        device,
        ..
    } = &mut trainer;
    let batch = batcher.batch(data.rows, data.teacher, 0, recipe, device);

    // Burn's generator is shared with the tests that run at the same time, so its parameters are not used.
    trainer.student = trainer.student.clone().map(&mut SetParameters);
    let mut gradients = CollectGradients {
        gradients: total_loss(&trainer, &batch).backward(),
        tensors: Vec::new(),
    };
    trainer.student.visit(&mut gradients);
    let student = trainer.student.clone();
    for (id, gradient) in gradients.tensors {
        let largest = gradient.iter().fold(0.0_f32, |max, g| max.max(g.abs()));
        let tolerance = TOLERANCE * largest + ROUNDING;
        for index in indices(&gradient) {
            let difference = |change: f32| {
                let mut loss_at = |change| {
                    trainer.student = change_one(student.clone(), id, index, change);
                    value(total_loss(&trainer, &batch))
                };
                (loss_at(change) - loss_at(-change)) / (2.0 * change)
            };
            let differences = CHANGES.map(difference);
            let error = differences.map(|d| (d - gradient[index]).abs());
            assert!(
                error.iter().any(|error| *error <= tolerance),
                "gradient {} of {id:?}[{index}], differences {differences:?}, largest {largest}",
                gradient[index],
            );
        }
    }
}

/// A recipe without augmentation: a teacher with the cross entropy, class weights with the squared error.
fn recipe(loss: Loss) -> Recipe {
    let teacher = match loss {
        Loss::CrossEntropy => 0.5,
        Loss::SquaredError => 0.0,
    };
    Recipe {
        batch: N_ROWS,
        loss,
        crop: None,
        mask_channels: 0,
        mask_frames: 0,
        gain: 0.0,
        class_weight: 0.5 - teacher,
        label_smoothing: 0.1 * teacher,
        distillation: teacher,
        embedding: teacher,
        ..Recipe::cnn()
    }
}

fn rows(shape: [usize; 2]) -> Dataset {
    let values = noise(N_ROWS * shape[0] * shape[1]);
    let labels = vec![0, 1, 2, 0, 0, 1];
    let ids: Vec<i32> = (0..N_ROWS as i32).collect();
    Dataset::new(Values::F32(values), shape, labels, ids.clone(), ids)
        .expect("one value of each for every row")
}

fn teacher() -> Teacher {
    let probabilities = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.5, 0.3]];
    let probabilities = (0..N_ROWS).map(|row| probabilities[row % 3]).collect();
    let embeddings = noise(2 * N_ROWS).chunks(2).collect();
    Teacher::new(probabilities, embeddings).expect("as many rows")
}

/// Returns numbers in -1..1.
fn noise(n: usize) -> Vec<f32> {
    let mut noise = Noise(1);
    (0..n).map(|_| noise.sample()).collect()
}

fn total_loss(trainer: &Trainer, batch: &Batch) -> Tensor<1> {
    let batch = Batch {
        rows: batch.rows.clone(),
        targets: batch.targets.clone(),
        embeddings: batch.embeddings.clone(),
    };
    let loss = trainer
        .student
        .loss(batch, &trainer.class_weights, &trainer.recipe);
    loss.total_loss
}

fn value(loss: Tensor<1>) -> f32 {
    loss.into_scalar()
}

/// Indices of the largest gradient and of the first, the middle and the last one.
fn indices(gradient: &[f32]) -> [usize; 4] {
    let magnitude = |index: &usize| gradient[*index].abs();
    let largest = (0..gradient.len()).max_by(|a, b| magnitude(a).total_cmp(&magnitude(b)));
    let last = gradient.len() - 1;
    [largest.unwrap_or(0), 0, last / 2, last]
}

/// Reads the gradient of every parameter tensor; running statistics have none.
struct CollectGradients {
    gradients: Gradients,
    tensors: Vec<(ParamId, Vec<f32>)>,
}

impl ModuleVisitor for CollectGradients {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(&self.gradients) {
            let values = gradient
                .into_data()
                .try_to_vec()
                .expect("gradients are floats");
            self.tensors.push((param.id, values));
        }
    }
}

/// Sets all parameters to fixed values: matrices and kernels to noise, the others to about 1.
struct SetParameters;

impl ModuleMapper for SetParameters {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| {
            let shape = tensor.shape();
            let mut values = noise(shape.num_elements());
            if D == 1 {
                values
                    .iter_mut()
                    .for_each(|value| *value = 1.0 + *value / 2.0);
            }
            Tensor::from_data(TensorData::new(values, shape), &tensor.device()).require_grad()
        })
    }
}

fn change_one(student: Student, id: ParamId, index: usize, change: f32) -> Student {
    student.map(&mut ChangeOne { id, index, change })
}

/// Adds `change` to one value of one parameter tensor.
struct ChangeOne {
    id: ParamId,
    index: usize,
    change: f32,
}

impl ModuleMapper for ChangeOne {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if param.id != self.id {
            return param;
        }
        param.map(|tensor| {
            let shape = tensor.shape();
            let mut change = vec![0.0; shape.num_elements()];
            change[self.index] = self.change;
            let change = TensorData::new(change, shape);
            tensor.clone() + Tensor::from_data(change, &tensor.device())
        })
    }
}

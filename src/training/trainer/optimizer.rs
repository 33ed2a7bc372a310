//! Optimiser of a recipe, and the names of its recorded state.

use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, ModuleOptimizer, SgdConfig};

use crate::recipe::{OptimizerKind, Recipe};

/// Names under which Burn records the optimiser's state of each parameter.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    /// Tensors with the shape of the parameter.
    pub moments: &'static [&'static str],
    /// Number of steps taken.
    pub steps: Option<&'static str>,
}

impl Fields {
    /// Names for the optimiser of a recipe.
    pub(super) fn of(recipe: &Recipe) -> Self {
        match recipe.optimizer {
            OptimizerKind::AdamW | OptimizerKind::Adam => Self {
                moments: &["momentum.moment_1", "momentum.moment_2"],
                steps: Some("momentum.time"),
            },
            OptimizerKind::Sgd => Self {
                moments: &[],
                steps: None,
            },
            OptimizerKind::Momentum => Self {
                moments: &["momentum.velocity"],
                steps: None,
            },
        }
    }
}

/// Creates the optimiser of a recipe.
pub(super) fn of(recipe: &Recipe) -> ModuleOptimizer {
    let decay = recipe.weight_decay as f32;
    let in_gradient = (decay > 0.0).then(|| WeightDecayConfig::new(decay));
    match recipe.optimizer {
        OptimizerKind::AdamW => AdamWConfig::new().with_weight_decay(decay).init(),
        OptimizerKind::Adam => AdamConfig::new().with_weight_decay(in_gradient).init(),
        OptimizerKind::Sgd => SgdConfig::new().with_weight_decay(in_gradient).init(),
        OptimizerKind::Momentum => SgdConfig::new()
            .with_weight_decay(in_gradient)
            .with_momentum(Some(MomentumConfig::new().with_dampening(0.0)))
            .init(),
    }
}

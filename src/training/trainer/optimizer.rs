//! What takes the steps.

use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, ModuleOptimizer, SgdConfig};

use crate::recipe::{OptimizerKind, Recipe};

/// Names under which Burn records what an optimiser keeps of each parameter.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    /// Tensors of the parameter's shape.
    pub moments: &'static [&'static str],
    /// The number of steps taken.
    pub steps: Option<&'static str>,
}

impl Fields {
    /// What the optimiser of a recipe keeps.
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

/// The optimiser of a recipe, before its first step.
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

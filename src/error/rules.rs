//! Rules that the fields of a configuration must satisfy.

use std::ops::RangeInclusive;

use tonearm_dsp::ConfigError;

use crate::Result;

/// The name of a field, whether its value is valid, the accepted values, and the value.
pub(crate) type Rule = (&'static str, bool, &'static str, f64);

/// Requires a count to be in `range`; `rule` describes the range.
pub(crate) fn within(
    field: &'static str,
    got: usize,
    range: RangeInclusive<usize>,
    rule: &'static str,
) -> Rule {
    (field, range.contains(&got), rule, got as f64)
}

/// Requires a number to be in `range`; `rule` describes the range.
pub(crate) fn between(
    field: &'static str,
    got: f64,
    range: RangeInclusive<f64>,
    rule: &'static str,
) -> Rule {
    (field, range.contains(&got), rule, got)
}

/// Requires a fraction in `0..1`.
pub(crate) fn fraction(field: &'static str, got: f64) -> Rule {
    (field, (0.0..1.0).contains(&got), "in 0..1", got)
}

/// Checks rules in order.
///
/// # Errors
/// [`Error::Config`](crate::Error::Config), naming the first field with an invalid value.
pub(crate) fn check<const N: usize>(rules: [Rule; N]) -> Result<()> {
    match rules.into_iter().find(|(_, valid, _, _)| !valid) {
        Some((field, _, rule, got)) => Err(ConfigError { field, rule, got }.into()),
        None => Ok(()),
    }
}

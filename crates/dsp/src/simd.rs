//! SIMD arithmetic on slices of `f32`.
//!
//! It uses `wide`, because the compiler does not vectorise the plain loops for WebAssembly, where
//! [`f32::max`] is a function call.

use wide::f32x8;

/// Number of `f32` lanes in a vector: two 128-bit vectors on WebAssembly.
pub const WIDTH: usize = 8;

/// Loads the first [`WIDTH`] values, zero-padded if there are fewer.
#[inline]
pub fn load(values: &[f32]) -> f32x8 {
    match values.first_chunk::<WIDTH>() {
        Some(vector) => f32x8::new(*vector),
        None => f32x8::from(values),
    }
}

/// Stores the lanes of a vector, as many as `out` holds if it has fewer than [`WIDTH`] elements.
#[inline]
pub fn store(values: f32x8, out: &mut [f32]) {
    match out.first_chunk_mut::<WIDTH>() {
        Some(out) => *out = values.to_array(),
        None => out.copy_from_slice(&values.as_array()[..out.len()]),
    }
}

/// Applies `map` to all values, one vector at a time; the last vector is zero-padded.
#[inline]
pub fn map_in_place(values: &mut [f32], map: impl Fn(f32x8) -> f32x8) {
    for values in values.chunks_mut(WIDTH) {
        store(map(load(values)), values);
    }
}

/// Adds `others` to `values`, element by element.
pub fn add(values: &mut [f32], others: &[f32]) {
    for (values, others) in values.chunks_mut(WIDTH).zip(others.chunks(WIDTH)) {
        store(load(values) + load(others), values);
    }
}

/// Replaces each value by the maximum of itself and its counterpart in `others`.
pub fn max_in_place(values: &mut [f32], others: &[f32]) {
    for (values, others) in values.chunks_mut(WIDTH).zip(others.chunks(WIDTH)) {
        store(load(values).fast_max(load(others)), values);
    }
}

/// Returns the largest value, or minus infinity if `values` is empty.
///
/// The values must not be NaN.
pub fn largest(values: &[f32]) -> f32 {
    max_of(values, f32::NEG_INFINITY, |vector| vector)
}

/// Returns the largest magnitude, or 0 if `values` is empty.
///
/// The values must not be NaN.
pub fn peak(values: &[f32]) -> f32 {
    max_of(values, 0.0, f32x8::abs)
}

/// Returns the maximum of `initial` and all values of `map`.
#[inline]
fn max_of(values: &[f32], initial: f32, map: impl Fn(f32x8) -> f32x8) -> f32 {
    let (chunks, rest) = values.as_chunks::<WIDTH>();
    let mut max = f32x8::splat(initial);
    for chunk in chunks {
        max = max.fast_max(map(f32x8::new(*chunk)));
    }
    let rest = rest
        .iter()
        .map(|value| map(f32x8::splat(*value)).as_array()[0]);
    rest.chain(max.to_array()).fold(initial, f32::max)
}

/// Returns the index of the first value that is NaN or whose magnitude exceeds `limit`.
pub fn find_out_of_range(values: &[f32], limit: f32) -> Option<usize> {
    let limit = f32x8::splat(limit);
    let (chunks, rest) = values.as_chunks::<WIDTH>();
    let in_range = |vector: f32x8| vector.abs().simd_le(limit).all();
    let chunk = chunks
        .iter()
        .position(|chunk| !in_range(f32x8::new(*chunk)));
    let rest = match chunk {
        Some(index) => &values[index * WIDTH..],
        None => rest,
    };
    let index = rest
        .iter()
        .position(|value| !in_range(f32x8::splat(*value)))?;
    Some(values.len() - rest.len() + index)
}

/// Returns the dot product of two slices of the same length.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<WIDTH>();
    let (b_chunks, b_rest) = b.as_chunks::<WIDTH>();
    let mut vector = f32x8::ZERO;
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        vector += f32x8::new(*a) * f32x8::new(*b);
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    vector.reduce_add() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns `n` values of both signs whose magnitudes ascend from 1 to `n`.
    fn values_of_both_signs(n: usize) -> Vec<f32> {
        (1..=n)
            .map(|i| if i % 3 == 0 { i as f32 } else { -(i as f32) })
            .collect()
    }

    #[test]
    fn lengths_that_are_no_multiple_of_the_width_are_processed_to_the_end() {
        for n in 1..40 {
            let values = values_of_both_signs(n);
            let scalar_max = |map: fn(f32) -> f32| {
                values
                    .iter()
                    .fold(f32::NEG_INFINITY, |max, value| max.max(map(*value)))
            };
            assert_eq!(largest(&values), scalar_max(|value| value), "{n}");
            assert_eq!(peak(&values), scalar_max(f32::abs), "{n}");
            assert_eq!(
                dot(&values, &values),
                values.iter().map(|x| x * x).sum::<f32>(),
                "{n}"
            );
            let mut doubled = values.clone();
            map_in_place(&mut doubled, |x| x + x);
            assert!(
                doubled.iter().zip(&values).all(|(got, x)| *got == 2.0 * x),
                "{n}"
            );
            let mut sums = values.clone();
            add(&mut sums, &values);
            assert_eq!(sums, doubled, "{n}");
            let mut maxima = vec![0.5; n];
            max_in_place(&mut maxima, &values);
            assert!(
                maxima
                    .iter()
                    .zip(&values)
                    .all(|(got, x)| *got == x.max(0.5)),
                "{n}"
            );
        }
        assert_eq!(largest(&[]), f32::NEG_INFINITY);
        assert_eq!(peak(&[]), 0.0);
    }

    #[test]
    fn the_first_value_out_of_range_is_found_at_any_index() {
        assert_eq!(find_out_of_range(&values_of_both_signs(39), 39.0), None);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -40.0] {
            for index in 0..39 {
                let mut values = values_of_both_signs(39);
                values[index] = bad;
                values[38] = bad;
                assert_eq!(find_out_of_range(&values, 39.0), Some(index), "{bad}");
            }
        }
    }
}

//! Comparison with golden vectors.

/// Panics if a difference is NaN or exceeds `tolerance`, naming the index of the largest one.
#[track_caller]
pub fn assert_close(got: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    assert_eq!(got.len(), expected.len(), "length, {what}");
    let (worst, error) = got
        .iter()
        .zip(expected)
        .map(|(g, e)| (g - e).abs())
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .expect("golden vectors are not empty");
    assert!(
        error <= tolerance,
        "[{worst}] is {}, expected {}: off by {error:e}, {what}",
        got[worst],
        expected[worst],
    );
}

//! Arithmetic on slices, eight numbers at a time.
//!
//! Spelt out with `wide`: in plain loops the compiler finds no SIMD for WebAssembly, and [`f32::max`] is
//! a call there.

use wide::f32x8;

/// Numbers at a time: two vectors of WebAssembly's SIMD.
pub const WIDTH: usize = 8;

/// The first numbers, and zeros where there are too few.
#[inline]
pub fn load(values: &[f32]) -> f32x8 {
    match values.first_chunk::<WIDTH>() {
        Some(vector) => f32x8::new(*vector),
        None => f32x8::from(values),
    }
}

/// The first vector, as many as there is room for.
#[inline]
pub fn store(values: f32x8, out: &mut [f32]) {
    match out.first_chunk_mut::<WIDTH>() {
        Some(out) => *out = values.to_array(),
        None => out.copy_from_slice(&values.as_array()[..out.len()]),
    }
}

/// Makes each number what `change` makes of it; it is given some zeros more at the end.
#[inline]
pub fn map_in_place(numbers: &mut [f32], map: impl Fn(f32x8) -> f32x8) {
    for numbers in numbers.chunks_mut(WIDTH) {
        store(map(load(numbers)), numbers);
    }
}

/// Adds the other to each number.
pub fn add(numbers: &mut [f32], others: &[f32]) {
    for (numbers, others) in numbers.chunks_mut(WIDTH).zip(others.chunks(WIDTH)) {
        store(load(numbers) + load(others), numbers);
    }
}

/// Makes each number at least the other.
pub fn max_in_place(numbers: &mut [f32], others: &[f32]) {
    for (numbers, others) in numbers.chunks_mut(WIDTH).zip(others.chunks(WIDTH)) {
        store(load(numbers).fast_max(load(others)), numbers);
    }
}

/// The largest of some numbers, none of which is NaN; minus infinity where there are none.
pub fn largest(values: &[f32]) -> f32 {
    largest_of(values, f32::NEG_INFINITY, |vector| vector)
}

/// The largest magnitude of some numbers, none of which is NaN; 0 where there are none.
pub fn peak(values: &[f32]) -> f32 {
    largest_of(values, 0.0, f32x8::abs)
}

#[inline]
fn largest_of(values: &[f32], least: f32, of: impl Fn(f32x8) -> f32x8) -> f32 {
    let (chunks, rest) = values.as_chunks::<WIDTH>();
    let mut most = f32x8::splat(least);
    for chunk in chunks {
        most = most.fast_max(of(f32x8::new(*chunk)));
    }
    let rest = rest
        .iter()
        .map(|value| of(f32x8::splat(*value)).as_array()[0]);
    rest.chain(most.to_array()).fold(least, f32::max)
}

/// Where the first number stands whose magnitude is above `most`, or that is none.
pub fn find_out_of_range(values: &[f32], most: f32) -> Option<usize> {
    let most = f32x8::splat(most);
    let (chunks, rest) = values.as_chunks::<WIDTH>();
    let inside = |vector: f32x8| vector.abs().simd_le(most).all();
    let chunk = chunks.iter().position(|chunk| !inside(f32x8::new(*chunk)));
    let rest = match chunk {
        Some(index) => &values[index * WIDTH..],
        None => rest,
    };
    let place = rest
        .iter()
        .position(|value| !inside(f32x8::splat(*value)))?;
    Some(values.len() - rest.len() + place)
}

/// Sum of products.
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

    /// Some numbers of any length, the largest magnitude a negative one in the last place.
    fn numbers(n: usize) -> Vec<f32> {
        (1..=n)
            .map(|i| if i % 3 == 0 { i as f32 } else { -(i as f32) })
            .collect()
    }

    #[test]
    fn lengths_that_fill_no_vector_are_read_to_the_end() {
        for n in 1..40 {
            let values = numbers(n);
            let plain = |of: fn(f32) -> f32| {
                values
                    .iter()
                    .fold(f32::NEG_INFINITY, |most, value| most.max(of(*value)))
            };
            assert_eq!(largest(&values), plain(|value| value), "{n}");
            assert_eq!(peak(&values), plain(f32::abs), "{n}");
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
            let mut raised = vec![0.5; n];
            max_in_place(&mut raised, &values);
            assert!(
                raised
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
    fn the_first_bad_number_is_found_wherever_it_stands() {
        assert_eq!(find_out_of_range(&numbers(39), 39.0), None);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -40.0] {
            for place in 0..39 {
                let mut values = numbers(39);
                values[place] = bad;
                values[38] = bad;
                assert_eq!(find_out_of_range(&values, 39.0), Some(place), "{bad}");
            }
        }
    }
}

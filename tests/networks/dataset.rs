//! Data sets as `.npz` archives: read back as written, and broken ones refused in words.

use half::f16;
use proptest::prelude::*;
use tonearm::dataset::{Dataset, Values};

fn mel() -> Dataset {
    let x = Values::Grey((0..3 * 4 * 8).map(|value| value as u8).collect());
    Dataset::new(x, [4, 8], vec![0, 2, 1], vec![2, 5, 10], vec![-1, 7, 7]).expect("it fits")
}

fn refusal(bytes: &[u8]) -> String {
    Dataset::from_npz(bytes)
        .expect_err("not usable")
        .to_string()
}

#[test]
fn what_is_written_is_read_back() {
    let mfcc = Dataset {
        x: Values::Half(
            (0..96)
                .map(|value| f16::from_f32(value as f32 - 40.5))
                .collect(),
        ),
        ..mel()
    };
    for data in [mel(), mfcc] {
        let bytes = data.to_npz().expect("it can be packed");
        assert_eq!(Dataset::from_npz(&bytes).expect("a sound archive"), data);
    }
}

#[test]
fn grey_levels_become_parts_of_one() {
    let mut row = vec![0.0; 32];
    mel().row_into(1, &mut row);
    assert_eq!((row[0], row[31]), (32.0 / 255.0, 63.0 / 255.0));
}

#[test]
fn parts_of_different_lengths_are_refused() {
    let data = mel();
    let error = Dataset::new(data.x, data.shape, data.y, vec![1], data.artist_id)
        .expect_err("one track, three rows");
    assert_eq!(
        error.to_string(),
        "the data set cannot be used: `track_id` has 1 rows, `y` has 3"
    );
}

#[test]
fn a_label_without_a_name_is_refused() {
    let error = mel().check_labels(2).expect_err("label 2 of 2");
    assert!(error.to_string().contains("row 1 has label 2"), "{error}");
}

#[test]
fn what_is_no_archive_is_said_to_be_none() {
    assert!(refusal(b"artist,title\n").contains("this is no .npz archive"));
    assert!(refusal(b"").contains("this is no .npz archive"));
}

proptest! {
    #[test]
    fn an_archive_cut_anywhere_is_refused(share in 0.0..1.0_f64) {
        let bytes = mel().to_npz().expect("it can be packed");
        let cut = (share * bytes.len() as f64) as usize;
        prop_assert!(Dataset::from_npz(&bytes[..cut]).is_err());
    }

    #[test]
    fn a_flipped_byte_is_refused_or_harmless(place in 0.0..1.0_f64, value in any::<u8>()) {
        let mut bytes = mel().to_npz().expect("it can be packed");
        let index = (place * bytes.len() as f64) as usize;
        bytes[index] = value;
        if let Err(error) = Dataset::from_npz(&bytes) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}

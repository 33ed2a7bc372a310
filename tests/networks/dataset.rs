//! Data sets as `.npz` archives: round trips, and errors for damaged archives.

use std::io::{Cursor, Write};

use half::f16;
use proptest::prelude::*;
use tonearm::data::{Dataset, Values};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn mel() -> Dataset {
    let x = Values::U8((0..3 * 4 * 8).map(|value| value as u8).collect());
    Dataset::new(x, [4, 8], vec![0, 2, 1], vec![2, 5, 10], vec![-1, 7, 7])
        .expect("the arrays match")
}

fn refusal(bytes: &[u8]) -> String {
    Dataset::from_npz(Cursor::new(bytes))
        .expect_err("the archive is refused")
        .to_string()
}

#[test]
fn a_data_set_survives_a_round_trip() {
    let mfcc = Dataset {
        x: Values::F16(
            (0..96)
                .map(|value| f16::from_f32(value as f32 - 40.5))
                .collect(),
        ),
        ..mel()
    };
    let paths = ["Rock/1.mp3", "", "Folk/Björk – 音楽/𝄞.flac"].map(String::from);
    let with_paths = mel().with_paths(paths.to_vec()).expect("one per row");
    assert_eq!(with_paths.select(&[2]).paths, Some(vec![paths[2].clone()]));
    let without_rows = with_paths.select(&[]);
    for data in [mel(), mfcc, with_paths, without_rows] {
        let bytes = data.to_npz().expect("serialisable");
        assert_eq!(
            Dataset::from_npz(Cursor::new(&bytes)).expect("the archive is valid"),
            data
        );
    }
}

#[test]
fn levels_are_scaled_to_0_to_1() {
    let mut row = vec![0.0; 32];
    mel().row_into(1, &mut row);
    assert_eq!((row[0], row[31]), (32.0 / 255.0, 63.0 / 255.0));
}

#[test]
fn arrays_of_different_lengths_are_refused() {
    let data = mel();
    let error = Dataset::new(data.x, data.shape, data.y, vec![1], data.artist_id)
        .expect_err("the lengths differ");
    assert_eq!(
        error.to_string(),
        "unusable data set: `track_id` must have 3 rows like `y`, got 1"
    );
}

#[test]
fn a_label_without_a_name_is_refused() {
    let error = mel().check_labels(2).expect_err("label 2 is out of range");
    assert!(
        error
            .to_string()
            .contains("the label of row 1 must be below 2, the number of labels, got 2"),
        "{error}"
    );
}

#[test]
fn bytes_that_are_not_an_archive_are_refused() {
    assert!(refusal(b"artist,title\n").contains("not an .npz archive"));
    assert!(refusal(b"").contains("not an .npz archive"));
}

/// An archive with `x.npy` as its only entry.
fn with_x(x: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("x.npy", SimpleFileOptions::default())
        .expect("writing to memory works");
    zip.write_all(x).expect("writing to memory works");
    zip.finish().expect("writing to memory works").into_inner()
}

/// A file in version 1 of NumPy's array format, with elements of type `u8`.
fn npy(shape: &str, values: &[u8]) -> Vec<u8> {
    npy_of("|u1", shape, values)
}

fn npy_of(dtype: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': ({shape}), }}\n");
    let length = u16::try_from(header.len()).expect("the header is short");
    let start = [&b"\x93NUMPY\x01\x00"[..], &length.to_le_bytes()].concat();
    [&start, header.as_bytes(), values].concat()
}

#[test]
fn arrays_with_fewer_or_more_bytes_than_their_shape_are_refused() {
    let refused = |shape, n| refusal(&with_x(&npy(shape, &vec![7; n])));
    assert!(
        refused("2, 2, 3", 11)
            .contains("`x` must have the bytes of [2, 2, 3] values of type |u1, got fewer")
    );
    assert!(
        refused("2, 2, 3", 13)
            .contains("`x` must have the bytes of [2, 2, 3] values of type |u1, got more")
    );
    assert!(refused("9000, 9000, 9000", 12).contains("`x` must have at most"));
    // The number of elements exceeds 64 bits.
    let huge = "4294967296, 4294967296, 4294967296";
    assert!(refused(huge, 12).contains("`x` must have at most"));
    // `x` is valid, so the error names the next array, which is missing.
    assert!(refused("2, 2, 3", 12).contains("array `y` is missing"));
}

/// The archive of [`mel`] with an array `path`.
fn with_paths(dtype: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let bytes = mel().to_npz().expect("serialisable");
    let mut zip = ZipWriter::new_append(Cursor::new(bytes)).expect("the archive is valid");
    zip.start_file("path.npy", SimpleFileOptions::default())
        .expect("writing to memory works");
    zip.write_all(&npy_of(dtype, shape, values))
        .expect("writing to memory works");
    zip.finish().expect("writing to memory works").into_inner()
}

#[test]
fn invalid_paths_are_refused() {
    let valid = with_paths("<U1", "3,", &[b'a', 0, 0, 0].repeat(3));
    let data = Dataset::from_npz(Cursor::new(valid)).expect("the archive is valid");
    assert_eq!(data.paths, Some(vec!["a".to_owned(); 3]));

    let refused = |dtype, shape, values: &[u8]| refusal(&with_paths(dtype, shape, values));
    assert!(refused("|u1", "3,", &[0; 3]).contains("`path` must be of type <U, got |u1"));
    assert!(refused("<U1", "3, 1", &[0; 12]).contains("`path` must have one axis, got 2"));
    assert!(refused("<U1", "2,", &[0; 8]).contains("`path` must have 3 rows like `y`, got 2"));
    assert!(
        refused("<U1", "3,", &[0; 11])
            .contains("`path` must have the bytes of [3] values of type <U1, got fewer")
    );
    assert!(
        refused("<U1", "3,", &[0; 13])
            .contains("`path` must have the bytes of [3] values of type <U1, got more")
    );
    assert!(
        refused("<U1", "3,", &[0xff; 12])
            .contains("`path` must hold UTF-32 text, got an invalid character")
    );
    assert!(refused("<U5000", "3,", &[]).contains("must have texts of at most 4096 characters"));
    assert!(refused("<U99999999999999999999", "3,", &[]).contains("array `path`"));
    assert!(
        refused("|O", "3,", &[]).contains("`path` must hold plain numbers, got Python objects")
    );
    let three = vec![String::new(); 3];
    assert!(mel().select(&[0]).with_paths(three).is_err());
}

#[test]
fn the_memory_of_empty_paths_counts_towards_the_limit() {
    let ids: Vec<i32> = (0..300).collect();
    let data = Dataset::new(
        Values::U8(vec![0; 300]),
        [1, 1],
        vec![0; 300],
        ids.clone(),
        ids,
    );
    let data = data.and_then(|data| data.with_paths(vec![String::new(); 300]));
    let bytes = data.and_then(|data| data.to_npz()).expect("serialisable");
    // A path has 4 bytes in the file.
    let needed = 300 * (size_of::<String>() as u64 + 4);
    assert!(Dataset::from_npz_within(Cursor::new(&bytes), needed).is_ok());
    assert!(Dataset::from_npz_within(Cursor::new(&bytes), needed - 1).is_err());
}

#[test]
fn a_header_that_claims_gigabytes_is_refused() {
    let long = [&b"\x93NUMPY\x02\x00"[..], &u32::MAX.to_le_bytes()].concat();
    assert!(refusal(&with_x(&long)).contains("`x` must have a header of at most"));
    let nested = [
        &b"\x93NUMPY\x01\x00"[..],
        &60_000_u16.to_le_bytes(),
        &[b'['; 60_000],
    ]
    .concat();
    assert!(refusal(&with_x(&nested)).contains("brackets, got 60000"));
}

proptest! {
    #[test]
    fn an_archive_truncated_anywhere_is_refused(fraction in 0.0..1.0_f64) {
        let bytes = mel().to_npz().expect("serialisable");
        let length = (fraction * bytes.len() as f64) as usize;
        prop_assert!(Dataset::from_npz(Cursor::new(&bytes[..length])).is_err());
    }

    #[test]
    fn a_replaced_byte_is_refused_or_harmless(position in 0.0..1.0_f64, value in any::<u8>()) {
        let mut bytes = mel().to_npz().expect("serialisable");
        let index = (position * bytes.len() as f64) as usize;
        bytes[index] = value;
        if let Err(error) = Dataset::from_npz(Cursor::new(&bytes)) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}

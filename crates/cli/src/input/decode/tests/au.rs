//! `.au` files written byte by byte.

use super::{decode, decoded, error_of, scratch};

const RATE: u32 = 22_050;

/// A file with a header, a comment of eight bytes, and the samples.
fn au(size: u32, encoding: u32, rate: u32, n_channels: u32, sound: &[u8]) -> Vec<u8> {
    let mut bytes = b".snd".to_vec();
    for word in [32, size, encoding, rate, n_channels] {
        bytes.extend(word.to_be_bytes());
    }
    bytes.extend(b"comment\0");
    bytes.extend(sound);
    bytes
}

/// A file with one channel and the correct size in its header.
fn mono(encoding: u32, sound: &[u8]) -> Vec<u8> {
    au(sound.len() as u32, encoding, RATE, 1, sound)
}

/// Samples that every linear encoding represents exactly.
const LEVELS: [f32; 4] = [0.0, 0.5, -0.25, -1.0];

#[test]
fn linear_encodings_decode_to_the_same_samples() {
    let whole =
        |bits: u32| LEVELS.map(|level| (f64::from(level) * 2_f64.powi(bits as i32 - 1)) as i32);
    let sounds: [(u32, Vec<u8>); 6] = [
        (2, whole(8).iter().map(|x| *x as u8).collect()),
        (
            3,
            whole(16)
                .iter()
                .flat_map(|x| (*x as i16).to_be_bytes())
                .collect(),
        ),
        (
            4,
            whole(24)
                .iter()
                .flat_map(|x| x.to_be_bytes()[1..].to_vec())
                .collect(),
        ),
        (5, whole(32).iter().flat_map(|x| x.to_be_bytes()).collect()),
        (6, LEVELS.iter().flat_map(|x| x.to_be_bytes()).collect()),
        (
            7,
            LEVELS
                .iter()
                .flat_map(|x| f64::from(*x).to_be_bytes())
                .collect(),
        ),
    ];
    for (encoding, sound) in sounds {
        let clip = decoded("linear.au", &mono(encoding, &sound)).clip;
        assert_eq!(
            (clip.sample_rate(), clip.samples()),
            (RATE, &LEVELS[..]),
            "encoding {encoding}"
        );
    }
}

#[test]
fn logarithmic_encodings_match_g711() {
    // Expected: `ulaw2lin` and `alaw2lin` of Python 3.11's audioop.
    for (encoding, sound, expected) in [
        (
            1,
            [0xff, 0x80, 0x00, 0x90],
            [0.0, 32_124.0, -32_124.0, 15_996.0],
        ),
        (
            27,
            [0xd5, 0xaa, 0x2a, 0xa5],
            [8.0, 32_256.0, -32_256.0, 16_896.0],
        ),
    ] {
        let clip = decoded("law.au", &mono(encoding, &sound)).clip;
        let got: Vec<f32> = clip.samples().iter().map(|x| x * 32_768.0).collect();
        assert_eq!(got, expected, "encoding {encoding}");
    }
}

#[test]
fn channels_of_an_au_file_are_averaged_and_its_comment_is_skipped() {
    let sound = [16_384_i16, 0, -16_384, -8_192]
        .map(i16::to_be_bytes)
        .concat();
    let clip = decoded("stereo.au", &au(8, 3, RATE, 2, &sound)).clip;
    assert_eq!(clip.samples(), [0.25, -0.375]);
}

#[test]
fn an_au_file_ends_at_the_declared_size_or_the_end_of_the_file() {
    let sound = vec![0x40; 2 * 50_001];
    for (size, n_samples) in [
        (2 * 50_001, 50_001),
        (u32::MAX, 50_001),
        // A truncated file.
        (3_000_000, 50_001),
        (2 * 40_000, 40_000),
        // An incomplete last sample.
        (2 * 40_000 - 1, 39_999),
    ] {
        // The magic number identifies the format, not the extension.
        let clip = decoded("long.mp3", &au(size, 3, RATE, 1, &sound)).clip;
        assert_eq!(clip.samples().len(), n_samples, "{size}");
    }
    let (_folder, path) = scratch("seconds.au", &mono(3, &sound));
    let clip = decode(&path, Some(1.5)).expect("the file is valid").clip;
    assert_eq!(clip.samples().len(), 33_075);
}

#[test]
fn an_invalid_au_header_is_refused() {
    let sound = [0; 64];
    let offset = |start: u32| {
        let mut bytes = mono(3, &sound);
        bytes[4..8].copy_from_slice(&start.to_be_bytes());
        bytes
    };
    for (bytes, words) in [
        (b".snd".to_vec(), "the au file ends within its header"),
        (
            mono(3, &sound)[..23].to_vec(),
            "the au file ends within its header",
        ),
        (au(64, 3, RATE, 0, &sound), "declares 0 channels"),
        (
            au(64, 3, RATE, u32::MAX, &sound),
            "declares 4294967295 channels",
        ),
        (au(64, 3, 0, 1, &sound), "declares a sample rate of 0 Hz"),
        (
            au(64, 3, u32::MAX, 1, &sound),
            "declares a sample rate of 4294967295 Hz",
        ),
        (au(64, 23, RATE, 1, &sound), "encoding 23"),
        (offset(0), "starts at byte 0"),
        (offset(97), "starts at byte 97"),
        (offset(u32::MAX), "starts at byte 4294967295"),
        (offset(96), "no audio could be decoded"),
        (mono(3, &[]), "no audio could be decoded"),
        (mono(6, &f32::NAN.to_be_bytes()), "sample 0 is NaN"),
    ] {
        let error = error_of("broken.au", &bytes);
        assert!(error.contains(words), "{words}: {error}");
    }
}

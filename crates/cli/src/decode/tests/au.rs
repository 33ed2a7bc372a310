//! Files of Sun and NeXT, made by hand.

use std::fs;

use super::{decode, decoded, error_of, scratch};

const RATE: u32 = 22_050;

/// A file whose header has these words, then a comment of eight bytes, then the sound.
fn au(size: u32, encoding: u32, rate: u32, n_channels: u32, sound: &[u8]) -> Vec<u8> {
    let mut bytes = b".snd".to_vec();
    for word in [32, size, encoding, rate, n_channels] {
        bytes.extend(word.to_be_bytes());
    }
    bytes.extend(b"comment\0");
    bytes.extend(sound);
    bytes
}

/// A file of one channel, whose header tells its true size.
fn mono(encoding: u32, sound: &[u8]) -> Vec<u8> {
    au(sound.len() as u32, encoding, RATE, 1, sound)
}

/// The same samples in linear encodings: 0, half scale, minus a quarter, minus full scale.
const LEVELS: [f32; 4] = [0.0, 0.5, -0.25, -1.0];

#[test]
fn linear_encodings_of_the_same_sound_give_the_same_samples() {
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
fn logarithmic_encodings_give_the_samples_of_g711() {
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
fn channels_of_an_au_file_are_averaged_and_its_comment_is_no_sound() {
    let sound = [16_384_i16, 0, -16_384, -8_192]
        .map(i16::to_be_bytes)
        .concat();
    let clip = decoded("stereo.au", &au(8, 3, RATE, 2, &sound)).clip;
    assert_eq!(clip.samples(), [0.25, -0.375]);
}

#[test]
fn an_au_file_ends_where_its_header_or_the_file_says() {
    let sound = vec![0x40; 2 * 50_001];
    for (size, n_samples) in [
        (2 * 50_001, 50_001),
        (u32::MAX, 50_001),
        // Cut short.
        (3_000_000, 50_001),
        (2 * 40_000, 40_000),
        // A sample that is not whole.
        (2 * 40_000 - 1, 39_999),
    ] {
        // Any ending will do: the magic number tells.
        let clip = decoded("long.mp3", &au(size, 3, RATE, 1, &sound)).clip;
        assert_eq!(clip.samples().len(), n_samples, "{size}");
    }
    let path = scratch("seconds.au", &mono(3, &sound));
    let clip = decode(&path, Some(1.5)).expect("is sound").clip;
    fs::remove_file(&path).expect("was just written");
    assert_eq!(clip.samples().len(), 33_075);
}

#[test]
fn a_broken_au_header_is_refused_in_a_sentence() {
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
        (au(64, 3, RATE, 0, &sound), "claims 0 channels"),
        (
            au(64, 3, RATE, u32::MAX, &sound),
            "claims 4294967295 channels",
        ),
        (au(64, 3, 0, 1, &sound), "claims a sample rate of 0 Hz"),
        (
            au(64, 3, u32::MAX, 1, &sound),
            "claims a sample rate of 4294967295 Hz",
        ),
        (au(64, 23, RATE, 1, &sound), "encoding 23"),
        (offset(0), "starts at byte 0"),
        (offset(97), "starts at byte 97"),
        (offset(u32::MAX), "starts at byte 4294967295"),
        (offset(96), "no sound could be decoded"),
        (mono(3, &[]), "no sound could be decoded"),
        (mono(6, &f32::NAN.to_be_bytes()), "sample 0 is NaN"),
    ] {
        let error = error_of("broken.au", &bytes);
        assert!(error.contains(words), "{words}: {error}");
    }
}

//! Decodes synthetic tones and damaged files.

mod au;

use std::f64::consts::TAU;
use std::fs;
use std::path::PathBuf;

use super::*;
use crate::temporary_folder::TemporaryFolder;

/// Sample rate and length of the files in `tests/fixtures`, which `make.py` there creates.
const RATE: u32 = 22_050;
const N_SAMPLES: usize = 33_075;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// A file, and the temporary folder that it is in.
fn scratch(name: &str, bytes: &[u8]) -> (TemporaryFolder, PathBuf) {
    let folder = TemporaryFolder::new();
    let path = folder.write(name, bytes);
    (folder, path)
}

fn error_of(name: &str, bytes: &[u8]) -> String {
    let (_folder, path) = scratch(name, bytes);
    let error = decode(&path, None)
        .map(|decoded| decoded.clip.samples().len())
        .expect_err(name);
    format!("{error:#}")
}

fn decoded(name: &str, bytes: &[u8]) -> Decoded {
    let (_folder, path) = scratch(name, bytes);
    decode(&path, None).unwrap_or_else(|error| panic!("{name}: {error:#}"))
}

/// The mono mix that the fixtures were encoded from.
fn tone(index: usize) -> f32 {
    let t = index as f64 / f64::from(RATE);
    (0.25 * ((TAU * 440.0 * t).sin() + (TAU * 660.0 * t).sin())) as f32
}

/// Amplitude of a frequency in the middle of a clip.
fn amplitude(samples: &[f32], hz: f64) -> f64 {
    let middle = &samples[4_000..26_050]; // one second, so whole periods
    let (re, im) = middle
        .iter()
        .enumerate()
        .fold((0.0, 0.0), |(re, im), (index, sample)| {
            let angle = TAU * hz * index as f64 / f64::from(RATE);
            (
                re + f64::from(*sample) * angle.cos(),
                im + f64::from(*sample) * angle.sin(),
            )
        });
    2.0 * re.hypot(im) / middle.len() as f64
}

/// A WAV file with one second of 16-bit silence.
fn wav() -> Vec<u8> {
    let mut bytes = Vec::new();
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer =
        hound::WavWriter::new(std::io::Cursor::new(&mut bytes), spec).expect("the spec is valid");
    for _ in 0..16_000 {
        writer.write_sample(0_i16).expect("writes to memory");
    }
    writer.finalize().expect("writes to memory");
    bytes
}

/// Reproducible pseudo-random bytes.
fn noise(n: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(n).collect()
}

#[test]
fn a_lossless_file_decodes_to_the_original_samples() {
    let clip = decode(&fixture("tone.flac"), None).expect("flac").clip;
    assert_eq!(
        (clip.sample_rate(), clip.samples().len()),
        (RATE, N_SAMPLES)
    );
    let worst = clip
        .samples()
        .iter()
        .enumerate()
        .map(|(i, x)| (x - tone(i)).abs())
        .fold(0.0, f32::max);
    assert!(worst < 1.0 / 32_768.0, "off by {worst}");
}

#[test]
fn encoder_delay_and_padding_of_mp3_and_vorbis_are_trimmed() {
    // A delay of one sample would give an error of 0.078. LAME attenuates by 5 %, and Vorbis is less precise.
    for name in ["tone.mp3", "tone.ogg"] {
        let clip = decode(&fixture(name), None).expect(name).clip;
        assert_eq!(
            (clip.sample_rate(), clip.samples().len()),
            (RATE, N_SAMPLES),
            "{name}"
        );
        let middle = clip.samples().iter().enumerate().skip(4_000).take(22_050);
        let worst = middle.map(|(i, x)| (x - tone(i)).abs()).fold(0.0, f32::max);
        assert!(worst < 0.03, "{name}: off by {worst}");
    }
}

#[test]
fn aac_in_m4a_keeps_the_tones() {
    let clip = decode(&fixture("tone.m4a"), None).expect("m4a").clip;
    assert_eq!(clip.sample_rate(), RATE);
    for hz in [440.0, 660.0] {
        let got = amplitude(clip.samples(), hz);
        assert!((got - 0.25).abs() < 0.05, "{hz} Hz: {got}");
    }
    let between = amplitude(clip.samples(), 550.0);
    assert!(between < 0.02, "550 Hz: {between}");
}

#[test]
fn only_the_requested_seconds_are_decoded() {
    let clip = decode(&fixture("tone.mp3"), Some(1.0)).expect("mp3").clip;
    assert_eq!(clip.samples().len(), RATE as usize);
    let all = decode(&fixture("tone.mp3"), None).expect("mp3").clip;
    assert_eq!(clip.samples(), &all.samples()[..RATE as usize]);
}

#[test]
fn a_wrong_extension_does_not_matter() {
    let bytes = fs::read(fixture("tone.flac")).expect("fixture");
    assert_eq!(decoded("flac.mp3", &bytes).clip.samples().len(), N_SAMPLES);
}

#[test]
fn a_truncated_file_is_decoded_to_its_end() {
    for name in ["tone.mp3", "tone.flac"] {
        let bytes = fs::read(fixture(name)).expect("fixture");
        let got = decoded(&format!("truncated-{name}"), &bytes[..bytes.len() / 2])
            .clip
            .samples()
            .len();
        assert!(
            (N_SAMPLES / 4..N_SAMPLES).contains(&got),
            "{name}: {got} samples"
        );
    }
}

#[test]
fn damaged_packets_are_skipped_and_counted() {
    for (name, is_counted) in [
        ("tone.m4a", true),
        ("tone.mp3", false),
        ("tone.flac", false),
    ] {
        let mut bytes = fs::read(fixture(name)).expect("fixture");
        let middle = bytes.len() / 2;
        bytes[middle..middle + 1_500].fill(0x5a);
        let Decoded { clip, bad_packets } = decoded(&format!("damaged-{name}"), &bytes);
        // The readers of mp3 and flac skip to the next valid frame without reporting it.
        assert_eq!(bad_packets > 0, is_counted, "{name}: {bad_packets}");
        assert!(
            (N_SAMPLES / 2..N_SAMPLES).contains(&clip.samples().len()),
            "{name}"
        );
    }
}

#[test]
fn files_that_are_not_audio_are_refused() {
    let refusal = "not readable audio (supported: mp3, wav, aiff, flac, ogg vorbis, au, m4a, aac)";
    assert!(
        error_of("text.mp3", b"Dear diary, today I bought a record player.").starts_with(refusal)
    );
    assert!(
        error_of(
            "text-long.mp3",
            "All work and no play.\n".repeat(9_000).as_bytes()
        )
        .starts_with(refusal)
    );
    assert_eq!(error_of("empty.mp3", b""), "the file is empty");
    assert_eq!(
        format!(
            "{:#}",
            decode(&std::env::temp_dir(), None)
                .map(|_| ())
                .expect_err("a folder")
        ),
        "expected an audio file, found a folder"
    );
    let missing = decode(&fixture("nowhere.mp3"), None)
        .map(|_| ())
        .expect_err("no file");
    assert!(
        missing.to_string().starts_with("cannot open the file"),
        "{missing}"
    );
}

#[test]
fn random_bytes_decode_to_less_than_a_second() {
    for (index, extension) in ["mp3", "wav", "flac", "ogg", "m4a", "aac"]
        .iter()
        .enumerate()
    {
        let (_folder, path) = scratch(&format!("noise.{extension}"), &noise(200_000 + index));
        // Single frames may be valid by chance, but not a whole second of them.
        if let Ok(decoded) = decode(&path, None) {
            assert!(decoded.clip.duration_seconds() < 1.0, "{extension}");
        }
    }
}

#[test]
fn an_invalid_wav_header_is_refused_or_read_to_the_end_of_the_file() {
    assert_eq!(decoded("sound.wav", &wav()).clip.samples().len(), 8_000);

    let mut endless = wav();
    endless[4..8].fill(0xff);
    endless[40..44].fill(0xff);
    assert_eq!(decoded("endless.wav", &endless).clip.samples().len(), 8_000);

    for (name, at, value) in [
        ("no-channels.wav", 22, vec![0, 0]),
        ("many-channels.wav", 22, vec![0xff, 0xff]),
        ("no-rate.wav", 24, vec![0, 0, 0, 0]),
        ("huge-rate.wav", 24, vec![0xff, 0xff, 0xff, 0xff]),
    ] {
        let mut bytes = wav();
        bytes[at..at + value.len()].copy_from_slice(&value);
        let error = error_of(name, &bytes);
        assert!(
            !error.is_empty() && !error.contains("panicked"),
            "{name}: {error}"
        );
    }
}

#[test]
fn a_nan_sample_is_refused() {
    let mut bytes = Vec::new();
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer =
        hound::WavWriter::new(std::io::Cursor::new(&mut bytes), spec).expect("the spec is valid");
    for index in 0..8_000 {
        writer
            .write_sample(if index == 77 { f32::NAN } else { 0.5 })
            .expect("writes to memory");
    }
    writer.finalize().expect("writes to memory");
    let error = error_of("nan.wav", &bytes);
    assert!(error.starts_with("sample 77 is NaN"), "{error}");
}

#[test]
fn a_panic_in_a_decoder_becomes_an_error() {
    let error = catch_panics::<()>(|| panic!("a decoder's assertion")).expect_err("panicked");
    assert_eq!(
        error.to_string(),
        "the file is damaged, and its decoder failed"
    );
    assert!(!GUARDED.get());
}

/// A WAV file with 8-bit silence at 1 kHz.
fn slow_wav(n_samples: usize) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 1_000,
        bits_per_sample: 8,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = Vec::with_capacity(n_samples + 44);
    let mut writer =
        hound::WavWriter::new(std::io::Cursor::new(&mut bytes), spec).expect("the spec is valid");
    for _ in 0..n_samples {
        writer.write_sample(0_i8).expect("writes to memory");
    }
    writer.finalize().expect("writes to memory");
    bytes
}

#[test]
fn audio_longer_than_three_hours_is_refused() {
    let three_hours = 10_800_000;
    let clip = decoded("three-hours.wav", &slow_wav(three_hours)).clip;
    assert_eq!(clip.duration_seconds(), 10_800.0);

    let longer = slow_wav(three_hours + 1);
    assert!(error_of("longer.wav", &longer).starts_with("too long: 3:00:01 or more; "));
    // The first seconds of a longer file can still be decoded.
    let (_folder, path) = scratch("longer-begun.wav", &longer);
    let clip = decode(&path, Some(2.0))
        .expect("the first seconds are valid")
        .clip;
    assert_eq!(clip.samples().len(), 2_000);
}

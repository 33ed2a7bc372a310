//! Decodes audio files to mono with symphonia.

mod au;

use std::cell::Cell;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Once;

use anyhow::{Context, Result, anyhow, bail, ensure};
use symphonia::core::audio::GenericAudioBufferRef;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::well_known::FORMAT_ID_MP3;
use symphonia::core::formats::{FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, ReadBytes, SeekBuffered};
use tonearm::Clip;
use tonearm::dsp::{Error, check_length, mix_interleaved};

/// Number of consecutive bad packets after which decoding stops, because a reader may not advance.
const MAX_BAD_IN_A_ROW: usize = 1000;

/// A decoded file.
pub struct Decoded {
    /// The mono mix, at the file's sample rate.
    pub clip: Clip,
    /// Number of packets that could not be decoded and were skipped, as in players.
    pub bad_packets: usize,
}

/// Decodes an audio file, or its first `seconds`, to mono at its own sample rate.
///
/// Trims encoder delay and padding that the file declares, so that the number of samples matches browsers
/// and librosa.
///
/// # Errors
/// If the file cannot be opened, is not in a supported format, is too long, or has no packet that can be
/// decoded. Panics of a decoder are caught and returned as errors.
pub fn decode(path: &Path, seconds: Option<f64>) -> Result<Decoded> {
    let file = File::open(path).context("cannot open the file")?;
    ensure!(
        !is_directory(&file),
        "expected an audio file, found a folder"
    );
    ensure!(!is_empty(&file), "the file is empty");

    catch_panics(|| decode_stream(file, path, seconds))
}

thread_local! {
    /// Whether this thread runs a decoder, whose panics are not printed.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a decoder and turns its panics into errors: symphonia panics on some damaged files, which must not end
/// a long run.
fn catch_panics<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let default_hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                default_hook(info);
            }
        }));
    });

    GUARDED.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(false);
    result.unwrap_or_else(|_| bail!("the file is damaged, and its decoder failed"))
}

fn is_directory(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_dir())
}

fn is_empty(file: &File) -> bool {
    file.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0)
}

fn decode_stream(file: File, path: &Path, seconds: Option<f64>) -> Result<Decoded> {
    let copy = file.try_clone();
    let mut format = open(file, path)?;
    let is_mp3 = format.format_info().format == FORMAT_ID_MP3;
    if let (true, Ok(mut copy)) = (is_mp3, copy)
        && copy.rewind().is_ok()
    {
        format = open(WithoutLength(copy), path)?;
    }
    let mut mix = Mix::new(seconds, is_mp3);
    let mut bad_packets = 0;

    // One iteration per link of a chained Ogg file; one iteration for every other format.
    loop {
        let (track_id, mut decoder) = audio_track(format.as_ref())?;
        let end = decode_track(
            format.as_mut(),
            track_id,
            decoder.as_mut(),
            &mut mix,
            &mut bad_packets,
        )?;
        if end == End::File {
            break;
        }
    }

    ensure!(
        !mix.samples.is_empty(),
        "no audio could be decoded; the file is damaged or contains no audio"
    );
    let clip = Clip::new(mix.samples, mix.sample_rate)?;
    Ok(Decoded { clip, bad_packets })
}

/// A file that hides its length. From the length, symphonia would estimate the number of frames of an mp3
/// without a Xing header, and drop the frames beyond the estimate.
struct WithoutLength(File);

impl Read for WithoutLength {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Seek for WithoutLength {
    fn seek(&mut self, position: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(position)
    }
}

impl MediaSource for WithoutLength {
    fn is_seekable(&self) -> bool {
        self.0.is_seekable()
    }

    fn byte_len(&self) -> Option<u64> {
        None
    }
}

/// Opens the container. The file extension is only a hint.
fn open(file: impl MediaSource + 'static, path: &Path) -> Result<Box<dyn FormatReader>> {
    let mut hint = Hint::new();
    if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
        hint.with_extension(extension);
    }
    let mut stream = MediaSourceStream::new(Box::new(file), Default::default());
    let is_au = stream
        .read_quad_bytes()
        .is_ok_and(|magic| magic == au::MAGIC);
    stream.seek_buffered(0);
    if is_au {
        return au::open(stream);
    }
    symphonia::default::get_probe()
        .probe(&hint, stream, Default::default(), Default::default())
        .map_err(|_| {
            anyhow!(
                "not readable audio (supported: mp3, wav, aiff, flac, ogg vorbis, au, m4a, aac)"
            )
        })
}

fn audio_track(format: &dyn FormatReader) -> Result<(u32, Box<dyn AudioDecoder>)> {
    let track = format
        .default_track(TrackType::Audio)
        .context("the file has no audio track")?;
    let parameters = track
        .codec_params
        .as_ref()
        .and_then(|parameters| parameters.audio())
        .context("the file does not declare the encoding of its audio")?;
    // The default options are gapless, which matches the number of samples in librosa and Chromium.
    let decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|error| anyhow!("cannot decode the audio in this file ({error})"))?;
    Ok((track.id, decoder))
}

/// Why decoding of a track ended.
#[derive(PartialEq)]
enum End {
    File,
    NextTrack,
}

fn decode_track(
    format: &mut dyn FormatReader,
    track_id: u32,
    decoder: &mut dyn AudioDecoder,
    mix: &mut Mix,
    bad_packets: &mut usize,
) -> Result<End> {
    let mut bad_in_a_row = 0;
    while bad_in_a_row < MAX_BAD_IN_A_ROW && !mix.is_full() {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return Ok(End::File),
            Err(SymphoniaError::ResetRequired) => return Ok(End::NextTrack),
            // A truncated file: the packets so far are still used.
            Err(SymphoniaError::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                return Ok(End::File);
            }
            Err(SymphoniaError::IoError(error)) => {
                return Err(error).context("cannot read the file");
            }
            Err(_) => {
                bad_in_a_row += 1;
                *bad_packets += 1;
                continue;
            }
        };
        if packet.track_id != track_id {
            continue;
        }
        match decoder.decode(&packet) {
            Ok(buffer) => {
                bad_in_a_row = 0;
                mix.add(&buffer)?;
            }
            Err(SymphoniaError::ResetRequired) => return Ok(End::NextTrack),
            Err(_) => {
                bad_in_a_row += 1;
                *bad_packets += 1;
            }
        }
    }
    Ok(End::File)
}

/// The mono samples decoded so far.
struct Mix {
    samples: Vec<f32>,
    /// Sample rate of the first packet with samples; 0 before it.
    sample_rate: u32,
    /// Number of seconds to decode; `None` for all.
    seconds: Option<f64>,
    /// Whether samples are clamped to full scale, as browsers do for mp3.
    clamps: bool,
    packet: Vec<f32>,
}

impl Mix {
    fn new(seconds: Option<f64>, clamps: bool) -> Self {
        Self {
            samples: Vec::new(),
            sample_rate: 0,
            seconds,
            clamps,
            packet: Vec::new(),
        }
    }

    /// Whether the requested number of seconds is decoded.
    fn is_full(&self) -> bool {
        self.max_samples()
            .is_some_and(|max_samples| self.sample_rate > 0 && self.samples.len() >= max_samples)
    }

    /// Number of samples to decode; `None` for all.
    fn max_samples(&self) -> Option<usize> {
        self.seconds
            .map(|seconds| (seconds * f64::from(self.sample_rate)) as usize)
    }

    fn add(&mut self, buffer: &GenericAudioBufferRef<'_>) -> Result<()> {
        let (rate, n_channels) = (buffer.spec().rate(), buffer.num_planes());
        if buffer.frames() == 0 || n_channels == 0 {
            return Ok(());
        }
        if self.sample_rate == 0 {
            self.sample_rate = rate;
        }
        ensure!(
            rate == self.sample_rate,
            "the sample rate changes from {} to {rate} Hz within the file",
            self.sample_rate
        );
        let n_samples = self.samples.len() + buffer.frames();
        check_length(n_samples as u64, rate)?;
        self.samples
            .try_reserve(buffer.frames())
            .map_err(|_| Error::OutOfMemory {
                needed_bytes: (n_samples * size_of::<f32>()) as u64,
            })?;

        buffer.copy_to_vec_interleaved(&mut self.packet);
        if self.clamps {
            for sample in &mut self.packet {
                *sample = sample.clamp(-1.0, 1.0);
            }
        }
        self.samples
            .extend(mix_interleaved(&self.packet, n_channels));
        if let Some(max_samples) = self.max_samples() {
            self.samples.truncate(max_samples);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

//! Audio files become clips: symphonia decodes, the channels are averaged packet by packet.

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
use tonearm::dsp::{Error, check_length};

/// Bad packets in a row after which the rest of a file is given up, as a reader may stand still.
const MAX_BAD_IN_A_ROW: usize = 1000;

/// What a file holds: its sound, and how much of it was damaged.
pub struct Decoded {
    /// The mono mix, at the file's own rate.
    pub clip: Clip,
    /// Packets that could not be decoded and were left out, as players do.
    pub bad_packets: usize,
}

/// The mono mix of an audio file at its own sample rate, or of its first `seconds`.
///
/// Encoder delay and padding are cut off where the file declares them, so that the number of
/// samples equals a browser's and librosa's.
///
/// # Errors
/// A sentence when the file cannot be opened, is no audio that is known, is too long, or nothing in it
/// can be decoded. Hostile files end here too: a panic of a decoder is caught.
pub fn decode(path: &Path, seconds: Option<f64>) -> Result<Decoded> {
    let file = File::open(path).context("the file cannot be opened")?;
    ensure!(!is_directory(&file), "this is a folder, not an audio file");
    ensure!(!is_empty(&file), "the file is empty");

    guard(|| decode_stream(file, path, seconds))
}

thread_local! {
    /// Whether this thread decodes, so that a panic becomes a sentence.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a decoder: symphonia asserts on a few damaged files, which must not end a long run.
fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                report(info);
            }
        }));
    });

    GUARDED.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(false);
    result.unwrap_or_else(|_| bail!("the file is damaged in a way that its decoder cannot handle"))
}

fn is_directory(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_dir())
}

fn is_empty(file: &File) -> bool {
    file.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0)
}

fn decode_stream(file: File, path: &Path, seconds: Option<f64>) -> Result<Decoded> {
    let again = file.try_clone();
    let mut format = open(file, path)?;
    let is_mp3 = format.format_info().format == FORMAT_ID_MP3;
    if let (true, Ok(mut again)) = (is_mp3, again)
        && again.rewind().is_ok()
    {
        format = open(Unmeasured(again), path)?;
    }
    let mut mix = Mix::new(seconds, is_mp3);
    let mut bad_packets = 0;

    // One turn for each chain link of an Ogg file; one in all for every other kind.
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
        "no sound could be decoded: the file is damaged or holds no audio"
    );
    let clip = Clip::new(mix.samples, mix.sample_rate)?;
    Ok(Decoded { clip, bad_packets })
}

/// A file that does not tell its length, from which symphonia guesses how many frames an mp3
/// without a header of its own has; it then cuts off what is beyond its guess.
struct Unmeasured(File);

impl Read for Unmeasured {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Seek for Unmeasured {
    fn seek(&mut self, position: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(position)
    }
}

impl MediaSource for Unmeasured {
    fn is_seekable(&self) -> bool {
        self.0.is_seekable()
    }

    fn byte_len(&self) -> Option<u64> {
        None
    }
}

/// A reader for the file's container; its extension is only a hint.
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
        .map_err(|_| anyhow!("this is not an audio file that can be read: mp3, wav, flac, ogg vorbis, au and m4a or aac can"))
}

fn audio_track(format: &dyn FormatReader) -> Result<(u32, Box<dyn AudioDecoder>)> {
    let track = format
        .default_track(TrackType::Audio)
        .context("the file has no audio track")?;
    let parameters = track
        .codec_params
        .as_ref()
        .and_then(|parameters| parameters.audio())
        .context("the file does not say how its audio is encoded")?;
    // Default options: gapless, which is what equals librosa's and Chromium's sample counts.
    let decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|error| anyhow!("the audio in this file cannot be decoded ({error})"))?;
    Ok((track.id, decoder))
}

/// Why the packets of a track stopped.
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
            // Cut short: what came before is still worth an answer.
            Err(SymphoniaError::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                return Ok(End::File);
            }
            Err(SymphoniaError::IoError(error)) => {
                return Err(error).context("the file cannot be read");
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
            Ok(sound) => {
                bad_in_a_row = 0;
                mix.add(&sound)?;
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

/// The mono samples so far.
struct Mix {
    samples: Vec<f32>,
    /// Of the first packet with sound; 0 before.
    sample_rate: u32,
    seconds: Option<f64>,
    /// Whether samples beyond full scale are cut to it, as browsers do with an mp3.
    clips: bool,
    packet: Vec<f32>,
}

impl Mix {
    fn new(seconds: Option<f64>, clips: bool) -> Self {
        Self {
            samples: Vec::new(),
            sample_rate: 0,
            seconds,
            clips,
            packet: Vec::new(),
        }
    }

    /// Whether the seconds asked for are there.
    fn is_full(&self) -> bool {
        self.wanted()
            .is_some_and(|wanted| self.sample_rate > 0 && self.samples.len() >= wanted)
    }

    /// Number of samples asked for, if not all.
    fn wanted(&self) -> Option<usize> {
        self.seconds
            .map(|seconds| (seconds * f64::from(self.sample_rate)) as usize)
    }

    fn add(&mut self, sound: &GenericAudioBufferRef<'_>) -> Result<()> {
        let (rate, n_channels) = (sound.spec().rate(), sound.num_planes());
        if sound.frames() == 0 || n_channels == 0 {
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
        let n_samples = self.samples.len() + sound.frames();
        check_length(n_samples as u64, rate)?;
        self.samples
            .try_reserve(sound.frames())
            .map_err(|_| Error::OutOfMemory {
                needed_bytes: (n_samples * size_of::<f32>()) as u64,
            })?;

        sound.copy_to_vec_interleaved(&mut self.packet);
        if self.clips {
            for sample in &mut self.packet {
                *sample = sample.clamp(-1.0, 1.0);
            }
        }
        let n = n_channels as f32;
        self.samples.extend(
            self.packet
                .chunks_exact(n_channels)
                .map(|frame| frame.iter().sum::<f32>() / n),
        );
        if let Some(wanted) = self.wanted() {
            self.samples.truncate(wanted);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

//! Sun and NeXT `.au` files, which symphonia does not support: parses the header, and leaves the samples to
//! symphonia's PCM decoder.

use std::io::Read;

use anyhow::{Context, Result, bail, ensure};
use symphonia::core::audio::Channels;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_PCM_ALAW, CODEC_ID_PCM_F32BE, CODEC_ID_PCM_F64BE, CODEC_ID_PCM_MULAW, CODEC_ID_PCM_S8,
    CODEC_ID_PCM_S16BE, CODEC_ID_PCM_S24BE, CODEC_ID_PCM_S32BE,
};
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters};
use symphonia::core::common::FourCc;
use symphonia::core::errors::{Error, Result as SymphoniaResult, SeekErrorKind};
use symphonia::core::formats::{
    FormatId, FormatInfo, FormatReader, MediaInfo, SeekMode, SeekTo, SeekedTo, Track,
};
use symphonia::core::io::{MediaSource, MediaSourceStream, ReadBytes};
use symphonia::core::meta::{Metadata, MetadataLog};
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};
use tonearm::dsp::SAMPLE_RATES;

/// The first bytes of an `.au` file.
pub const MAGIC: [u8; 4] = *b".snd";

/// Size in bytes of a header without a comment.
const HEADER: usize = 24;

/// Data size in a header that was written before the size was known.
const UNKNOWN_SIZE: u32 = u32::MAX;

/// Maximum number of channels; more are taken for a damaged header.
const MAX_CHANNELS: u32 = 64;

/// Number of frames per packet.
const PACKET_FRAMES: usize = 4096;

const FORMAT: FormatInfo = FormatInfo {
    format: FormatId::new(FourCc::new(MAGIC)),
    short_name: "au",
    long_name: "Sun and NeXT audio",
};

/// Opens the file in `stream`, which is positioned at the magic number.
///
/// If the header declares more data than the file has, the reader ends at the end of the file.
///
/// # Errors
/// If the header is truncated or invalid, or the encoding is not supported.
pub fn open(mut stream: MediaSourceStream<'static>) -> Result<Box<dyn FormatReader>> {
    let mut header = [0; HEADER];
    stream
        .read_exact(&mut header)
        .context("the au file ends within its header")?;
    let (words, _) = header.as_chunks();
    let word = |index: usize| u32::from_be_bytes(words[index]);
    let [start, size, encoding, sample_rate, n_channels] = [1, 2, 3, 4, 5].map(word);

    let (codec, sample_bytes) = codec(encoding)?;
    ensure!(
        SAMPLE_RATES.contains(&sample_rate),
        "the header of the au file declares a sample rate of {sample_rate} Hz, expected {} to {} Hz",
        SAMPLE_RATES.start(),
        SAMPLE_RATES.end()
    );
    ensure!(
        (1..=MAX_CHANNELS).contains(&n_channels),
        "the header of the au file declares {n_channels} channels, expected 1 to {MAX_CHANNELS}"
    );
    // Seeking beyond the end of a file succeeds, so the offset is checked; a pipe has no meaningful length.
    let end = stream.byte_len().filter(|_| stream.is_seekable());
    let comment = u64::from(start)
        .checked_sub(HEADER as u64)
        .filter(|_| end.is_none_or(|end| u64::from(start) <= end))
        .and_then(|comment| stream.ignore_bytes(comment).ok());
    ensure!(
        comment.is_some(),
        "the header of the au file declares that the audio starts at byte {start}, which is inside the header or beyond the end of the file"
    );

    let mut parameters = AudioCodecParameters::new();
    parameters
        .for_codec(codec)
        .with_sample_rate(sample_rate)
        .with_channels(Channels::Discrete(n_channels as u16));
    let mut track = Track::new(0);
    track.with_codec_params(CodecParameters::Audio(parameters));
    Ok(Box::new(AuReader {
        stream,
        media: MediaInfo::from_track(&track),
        tracks: [track],
        metadata: MetadataLog::default(),
        frame_bytes: sample_bytes * n_channels as usize,
        bytes_left: match size {
            UNKNOWN_SIZE => u64::MAX,
            size => u64::from(size),
        },
        n_frames: 0,
    }))
}

/// Codec and number of bytes per sample of an encoding.
fn codec(encoding: u32) -> Result<(AudioCodecId, usize)> {
    Ok(match encoding {
        1 => (CODEC_ID_PCM_MULAW, 1),
        2 => (CODEC_ID_PCM_S8, 1),
        3 => (CODEC_ID_PCM_S16BE, 2),
        4 => (CODEC_ID_PCM_S24BE, 3),
        5 => (CODEC_ID_PCM_S32BE, 4),
        6 => (CODEC_ID_PCM_F32BE, 4),
        7 => (CODEC_ID_PCM_F64BE, 8),
        27 => (CODEC_ID_PCM_ALAW, 1),
        _ => bail!(
            "the au file has the unsupported encoding {encoding} (supported: PCM, floating point, mu-law, A-law)"
        ),
    })
}

/// Reads the packets of an `.au` file.
struct AuReader {
    stream: MediaSourceStream<'static>,
    media: MediaInfo,
    tracks: [Track; 1],
    metadata: MetadataLog,
    /// Size in bytes of one sample of every channel.
    frame_bytes: usize,
    /// Number of bytes left to read, according to the header.
    bytes_left: u64,
    /// Number of frames read so far.
    n_frames: u64,
}

impl FormatReader for AuReader {
    fn format_info(&self) -> &FormatInfo {
        &FORMAT
    }

    fn media_info(&self) -> &MediaInfo {
        &self.media
    }

    fn metadata(&mut self) -> Metadata<'_> {
        self.metadata.metadata()
    }

    fn seek(&mut self, _: SeekMode, _: SeekTo) -> SymphoniaResult<SeekedTo> {
        // The binary decodes from start to end and never seeks.
        Err(Error::SeekError(SeekErrorKind::Unseekable))
    }

    fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    fn next_packet(&mut self) -> SymphoniaResult<Option<Packet>> {
        let n_bytes = self
            .bytes_left
            .min((PACKET_FRAMES * self.frame_bytes) as u64);
        let mut data = Vec::with_capacity(n_bytes as usize);
        (&mut self.stream).take(n_bytes).read_to_end(&mut data)?;
        self.bytes_left -= data.len() as u64;

        let n_frames = (data.len() / self.frame_bytes) as u64;
        data.truncate(n_frames as usize * self.frame_bytes);
        if n_frames == 0 {
            return Ok(None);
        }
        let start = Timestamp::try_from(self.n_frames).unwrap_or_default();
        self.n_frames += n_frames;
        Ok(Some(Packet::new(0, start, Duration::from(n_frames), data)))
    }

    fn into_inner<'s>(self: Box<Self>) -> MediaSourceStream<'s>
    where
        Self: 's,
    {
        self.stream
    }
}

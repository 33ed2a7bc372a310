//! Sun and NeXT `.au` files, which symphonia does not know: their header is read here, their sound
//! by symphonia's PCM decoder.

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

/// The first bytes of every such file.
pub const MAGIC: [u8; 4] = *b".snd";

/// Bytes of a header without a comment.
const HEADER: usize = 24;

/// Size of the sound in a header that was written before the sound was known.
const UNKNOWN_SIZE: u32 = u32::MAX;

/// Most channels that are believed.
const MAX_CHANNELS: u32 = 64;

/// Frames of one packet.
const PACKET_FRAMES: usize = 4096;

const FORMAT: FormatInfo = FormatInfo {
    format: FormatId::new(FourCc::new(MAGIC)),
    short_name: "au",
    long_name: "Sun and NeXT audio",
};

/// A reader of the file in `stream`, which stands at its magic number.
///
/// A header that claims more sound than there is gives what is there.
///
/// # Errors
/// A sentence when the header is cut short or says what cannot be, or the encoding is not known.
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
        "the header of the au file claims a sample rate of {sample_rate} Hz"
    );
    ensure!(
        (1..=MAX_CHANNELS).contains(&n_channels),
        "the header of the au file claims {n_channels} channels"
    );
    // A file would seek beyond its end without a word; the length of a pipe means nothing.
    let end = stream.byte_len().filter(|_| stream.is_seekable());
    let comment = u64::from(start)
        .checked_sub(HEADER as u64)
        .filter(|_| end.is_none_or(|end| u64::from(start) <= end))
        .and_then(|comment| stream.ignore_bytes(comment).ok());
    ensure!(
        comment.is_some(),
        "the header of the au file says that the sound starts at byte {start}, which is not in the file or is in the header itself"
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
        left: match size {
            UNKNOWN_SIZE => u64::MAX,
            size => u64::from(size),
        },
        n_frames: 0,
    }))
}

/// How the samples of an encoding are decoded, and the bytes of each.
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
            "the au file has sound of encoding {encoding}: PCM, floating point, mu-law and A-law can be read"
        ),
    })
}

/// The packets of an `.au` file.
struct AuReader {
    stream: MediaSourceStream<'static>,
    media: MediaInfo,
    tracks: [Track; 1],
    metadata: MetadataLog,
    /// Bytes of one sample of every channel.
    frame_bytes: usize,
    /// Bytes of sound not read yet, by the header.
    left: u64,
    /// Frames read so far.
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
        // Nothing here seeks.
        Err(Error::SeekError(SeekErrorKind::Unseekable))
    }

    fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    fn next_packet(&mut self) -> SymphoniaResult<Option<Packet>> {
        let wanted = self.left.min((PACKET_FRAMES * self.frame_bytes) as u64);
        let mut data = Vec::with_capacity(wanted as usize);
        (&mut self.stream).take(wanted).read_to_end(&mut data)?;
        self.left -= data.len() as u64;

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

import { knownError } from '../runtime/errors.js';
import { samplesOf } from './samples.js';
import { Stalled, fetchWithDeadline, importWithDeadline } from '../runtime/stall-deadline.js';
import { texts } from '../text/texts.js';
import { type Samples, type Source, TonearmError } from '../types.js';

/** Sample rate for files whose header does not state one, in Hz; that of most music. */
const DEFAULT_SAMPLE_RATE = 44_100;

/** Longest duration that is analysed, in seconds: `MAX_SECONDS` of the Rust crate `tonearm-dsp`, which a test compares. */
export const MAX_SECONDS = 3 * 60 * 60;

/** Decoded audio. The samples are a copy that the caller can transfer. */
export interface Decoded {
  samples: Samples;
  /** Notes for the user, as sentences. */
  notes: string[];
  /** Artist from the file's tags; null if unknown. */
  artist: string | null;
}

/**
 * Decodes a source at its own sample rate. Only the core resamples.
 *
 * If a worker is lost after the samples were transferred to it, the source is decoded again. Decoding twice in that
 * rare case is cheaper than always keeping a second copy.
 *
 * # Errors
 * A {@link TonearmError} if the file is empty, contains no audio, or cannot be downloaded.
 */
export async function decode(source: Source, signal?: AbortSignal): Promise<Decoded> {
  if (source instanceof Blob) return decodeFile(source, signal);
  if (typeof source === 'string' || source instanceof URL) return decodeFile(await fetchSong(source, signal), signal);
  return { samples: await copySamples(samplesOf(source)), notes: [], artist: null };
}

/**
 * Downloads a song.
 *
 * # Errors
 * A {@link TonearmError} whose code tells whether the song does not exist, its server does not allow access, or the
 * download failed.
 */
export async function fetchSong(url: string | URL, signal?: AbortSignal): Promise<Blob> {
  let responded = false;
  try {
    return await fetchWithDeadline(
      url,
      (response) => {
        responded = true;
        if (response.status === 404 || response.status === 410) throw knownError('song-absent');
        if (!response.ok) throw knownError('song-download');
        return response.blob();
      },
      { signal },
    );
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof TonearmError) throw thrown;
    if (thrown instanceof Stalled) throw knownError('song-stalled');
    throw knownError(!responded && (await isReachable(url, signal)) ? 'song-forbidden' : 'song-download');
  }
}

/** Whether the server responds, even if this page is not allowed to read the response. */
async function isReachable(url: string | URL, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    return await fetchWithDeadline(url, () => true, { method: 'HEAD', mode: 'no-cors', signal });
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}

async function decodeFile(file: Blob, signal: AbortSignal | undefined): Promise<Decoded> {
  if (file.size === 0) throw knownError('empty');
  const { sampleRate, artist, durationSeconds } = await readHeader(file, signal);
  // Before decoding, since the browser resamples to at least 3 kHz: a small file can need gigabytes.
  if (durationSeconds > MAX_SECONDS) throw knownError('too-long');
  const context = createContext(sampleRate);
  const notes = context.isDefaultRate ? [texts.assumedRate(DEFAULT_SAMPLE_RATE)] : [];
  try {
    const buffer = await context.decoder.decodeAudioData(await file.arrayBuffer());
    // The browser has just copied the whole track on this thread, so let the page paint before continuing.
    await nextTask();
    return { samples: samplesOf(buffer), notes, artist };
  } catch {
    throw knownError('not-audio');
  }
}

/** What a file's header states. */
interface Header {
  /** In Hz; undefined if the header cannot be parsed. */
  sampleRate: number | undefined;
  /** 0 if the header does not state it. */
  durationSeconds: number;
  artist: string | null;
}

async function readHeader(file: Blob, signal: AbortSignal | undefined): Promise<Header> {
  // Loaded on demand, since the parser is larger than the rest of the script.
  const { parseBlob } = await importWithDeadline(import('music-metadata'), signal).catch((thrown) => {
    signal?.throwIfAborted();
    throw knownError(thrown instanceof Stalled ? 'download-stalled' : 'download', 'music-metadata');
  });
  try {
    // `parseBlob` imports the parser for the file's format, so it can stall as well.
    const parsed = parseBlob(file, { duration: false, skipCovers: true, skipPostHeaders: true });
    const { format, common } = await importWithDeadline(parsed, signal);
    return { sampleRate: format.sampleRate, durationSeconds: format.duration ?? 0, artist: artistOf(common.artist) };
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof Stalled) throw knownError('download-stalled', 'music-metadata');
    return { sampleRate: undefined, durationSeconds: 0, artist: null };
  }
}

/** The artist in a tag; null for placeholders such as “Unknown Artist”. */
function artistOf(tag: string | undefined): string | null {
  const name = tag?.trim() ?? '';
  return /^(|unknown( artist)?|various( artists)?|va|<unknown>)$/i.test(name) ? null : name;
}

/** Creates an audio context with this sample rate, or with the default one if it is unknown or not supported. */
function createContext(sampleRate: number | undefined): { decoder: OfflineAudioContext; isDefaultRate: boolean } {
  if (sampleRate !== undefined) {
    try {
      return { decoder: new OfflineAudioContext(1, 1, sampleRate), isDefaultRate: false };
    } catch {
      // The browser does not support this sample rate.
    }
  }
  return { decoder: new OfflineAudioContext(1, 1, DEFAULT_SAMPLE_RATE), isDefaultRate: true };
}

/** Copies samples one channel at a time, so that the page can paint in between. */
async function copySamples({ channels, sampleRate }: Samples): Promise<Samples> {
  const copies: Float32Array[] = [];
  for (const channel of channels) {
    copies.push(channel.slice());
    await nextTask();
  }
  return { channels: copies, sampleRate };
}

/** Length of the samples, in seconds; 0 for an invalid sample rate, which the core rejects. */
export function secondsOf({ channels, sampleRate }: Samples): number {
  return sampleRate > 0 ? (channels[0]?.length ?? 0) / sampleRate : 0;
}

/** Resolves in a later task, so that the page can paint. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

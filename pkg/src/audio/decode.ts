import { trouble } from '../runtime/errors.js';
import { samplesOf } from './samples.js';
import { Stalled, fetchWithDeadline, importWithDeadline } from '../runtime/stall-deadline.js';
import { texts } from '../text/texts.js';
import { type Samples, type Source, TonearmError } from '../types.js';

/** Rate taken where the file does not tell its own, in Hz: that of most music. */
const ASSUMED_RATE = 44_100;

/** Decoded audio that the caller may give away, and what a reader of the answer should know of it. */
export interface Decoded {
  samples: Samples;
  notes: string[];
  /** Who made it, if the file says so. */
  artist: string | null;
}

/**
 * Turns any source into samples at the source's own rate, so that resampling is the core's alone.
 *
 * Called again when a worker died with the samples that it was given: decoding twice in that rare
 * case is cheaper than a second copy in every case.
 *
 * # Errors
 * A {@link TonearmError} for an empty file, one that holds no audio, or an address that fails.
 */
export async function decode(source: Source, signal?: AbortSignal): Promise<Decoded> {
  if (source instanceof Blob) return decodeFile(source, signal);
  if (typeof source === 'string' || source instanceof URL) return decodeFile(await fetchSong(source, signal), signal);
  return { samples: await copyOf(samplesOf(source)), notes: [], artist: null };
}

/**
 * Fetches a song.
 *
 * # Errors
 * A {@link TonearmError} that says whether it is not there, may not be read, or could not be reached.
 */
export async function fetchSong(url: string | URL, signal?: AbortSignal): Promise<Blob> {
  let answered = false;
  try {
    return await fetchWithDeadline(
      url,
      (response) => {
        answered = true;
        if (response.status === 404 || response.status === 410) throw trouble('song-absent');
        if (!response.ok) throw trouble('song-download');
        return response.blob();
      },
      { signal },
    );
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof TonearmError) throw thrown;
    if (thrown instanceof Stalled) throw trouble('song-stalled');
    throw trouble(!answered && (await isThere(url, signal)) ? 'song-forbidden' : 'song-download');
  }
}

/** Whether a server responds at the address, even if this page may not read the response. */
async function isThere(url: string | URL, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    return await fetchWithDeadline(url, () => true, { method: 'HEAD', mode: 'no-cors', signal });
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}

async function decodeFile(file: Blob, signal: AbortSignal | undefined): Promise<Decoded> {
  if (file.size === 0) throw trouble('empty');
  const { sampleRate, artist } = await headerOf(file, signal);
  const context = contextAt(sampleRate);
  const notes = context.assumed ? [texts.assumedRate(ASSUMED_RATE)] : [];
  try {
    const buffer = await context.decoder.decodeAudioData(await file.arrayBuffer());
    // The browser has just copied the whole track on this thread; what is left can wait a frame.
    await nextTask();
    return { samples: samplesOf(buffer), notes, artist };
  } catch {
    throw trouble('not-audio');
  }
}

/** The rate in Hz and the artist that the file's header states, as far as it can be read. */
async function headerOf(file: Blob, signal: AbortSignal | undefined): Promise<{ sampleRate: number | undefined; artist: string | null }> {
  // Loaded when the first file comes: it is most of the script's weight.
  const { parseBlob } = await importWithDeadline(import('music-metadata'), signal).catch((thrown) => {
    signal?.throwIfAborted();
    throw trouble(thrown instanceof Stalled ? 'download-stalled' : 'download', 'music-metadata');
  });
  try {
    // It imports the parser of the file's format.
    const parsed = parseBlob(file, { duration: false, skipCovers: true, skipPostHeaders: true });
    const { format, common } = await importWithDeadline(parsed, signal);
    return { sampleRate: format.sampleRate, artist: namedArtist(common.artist) };
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof Stalled) throw trouble('download-stalled', 'music-metadata');
    return { sampleRate: undefined, artist: null };
  }
}

/** The artist of a tag; null for the names that programs put where nobody is known. */
function namedArtist(tag: string | undefined): string | null {
  const name = tag?.trim() ?? '';
  return /^(|unknown( artist)?|various( artists)?|va|<unknown>)$/i.test(name) ? null : name;
}

/** A context that decodes to `rate`, or to the assumed rate where the browser takes no such context. */
function contextAt(rate: number | undefined): { decoder: OfflineAudioContext; assumed: boolean } {
  if (rate !== undefined) {
    try {
      return { decoder: new OfflineAudioContext(1, 1, rate), assumed: false };
    } catch {
      // Out of the browser's range.
    }
  }
  return { decoder: new OfflineAudioContext(1, 1, ASSUMED_RATE), assumed: true };
}

/** Copies, a channel at a time, so that the page can paint in between. */
async function copyOf({ channels, sampleRate }: Samples): Promise<Samples> {
  const copies: Float32Array[] = [];
  for (const channel of channels) {
    copies.push(channel.slice());
    await nextTask();
  }
  return { channels: copies, sampleRate };
}

/** Length of the samples in seconds; 0 where that makes no sense, which the core then refuses. */
export function secondsOf({ channels, sampleRate }: Samples): number {
  return sampleRate > 0 ? (channels[0]?.length ?? 0) / sampleRate : 0;
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

import { readFile } from 'node:fs/promises';
import type { Decoded } from '../audio/decode.js';
import { samplesOf } from '../audio/samples.js';
import { samplesOfWav } from '../audio/wav.js';
import type { Read, Samples, Source } from '../types.js';
import { knownError } from './errors.js';
import type { Platform } from './platform.js';

/** Reads a file by its path or its `file:` URL. */
const read: Read = (location) => {
  const path = String(location).startsWith('file:') ? new URL(location) : location;
  return readFile(path).catch(() => Promise.reject(knownError('unreadable', location)));
};

async function decode(source: Source): Promise<Decoded> {
  return { samples: await decodeSamples(source), notes: [], artist: null };
}

async function decodeSamples(source: Source): Promise<Samples> {
  if (source instanceof Blob) return samplesOfWav(new Uint8Array(await source.arrayBuffer()));
  if (typeof source === 'string' || source instanceof URL) return samplesOfWav(await read(source));
  // The samples are transferred later, so the caller's own must be copied.
  const { channels, sampleRate } = samplesOf(source);
  return { channels: channels.map((channel) => channel.slice()), sampleRate };
}

/** The functions for Node. Strings and URLs name local files. */
export const node: Platform = { read, decode };

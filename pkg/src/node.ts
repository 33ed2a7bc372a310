/**
 * The inference engine for Node.
 *
 * @module tonearm/node
 */
import { readFile } from 'node:fs/promises';
import type { Decoded } from './audio/decode.js';
import { Engine as BrowserEngine, type EngineOptions } from './engine.js';
import { knownError } from './runtime/errors.js';
import type { Read, Samples, Source } from './types.js';
import { samplesOf } from './audio/samples.js';
import { samplesOfWav } from './audio/wav.js';

export { TonearmError } from './types.js';
export type { Card, ClassifyOptions, Prediction, Samples, Source } from './types.js';

/**
 * The engine for Node. It runs on the CPU and on the calling thread, and decodes only wav files. Strings and URLs name
 * local files, for tracks as well as for weights. Call `close()`, or the Node process does not exit.
 */
export class Engine extends BrowserEngine {
  constructor(options: Omit<EngineOptions, 'assets' | 'backend'> = {}) {
    super({ ...options, backend: 'cpu' }, { read, decode });
  }
}

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

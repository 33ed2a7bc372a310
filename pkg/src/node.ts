/**
 * The engine in Node.
 *
 * @module tonearm/node
 */
import { readFile } from 'node:fs/promises';
import type { Decoded } from './audio/decode.js';
import { Engine as BrowserEngine, type EngineOptions } from './engine.js';
import { trouble } from './runtime/errors.js';
import type { Read, Samples, Source } from './types.js';
import { samplesOf } from './audio/samples.js';
import { samplesOfWav } from './audio/wav.js';

export { TonearmError } from './types.js';
export type { Card, ClassifyOptions, Prediction, Samples, Source } from './types.js';

/**
 * The engine for Node: on the CPU, on the thread that it is called from, and of files it reads wav.
 * Tracks and weights are named by their files. Node does not end before it is closed.
 */
export class Engine extends BrowserEngine {
  constructor(options: Omit<EngineOptions, 'assets' | 'backend'> = {}) {
    super({ ...options, backend: 'cpu' }, { read, decode });
  }
}

/** Reads a file of the package, a song or weights: by its path, or an address of a file. */
const read: Read = (address) => {
  const path = String(address).startsWith('file:') ? new URL(address) : address;
  return readFile(path).catch(() => Promise.reject(trouble('unreadable', address)));
};

async function decode(source: Source): Promise<Decoded> {
  return { samples: await samplesIn(source), notes: [], artist: null };
}

async function samplesIn(source: Source): Promise<Samples> {
  if (source instanceof Blob) return samplesOfWav(new Uint8Array(await source.arrayBuffer()));
  if (typeof source === 'string' || source instanceof URL) return samplesOfWav(await read(source));
  // The samples are given away, and the caller's stay its own.
  const { channels, sampleRate } = samplesOf(source);
  return { channels: channels.map((channel) => channel.slice()), sampleRate };
}

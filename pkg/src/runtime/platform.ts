import { type Decoded, decode } from '../audio/decode.js';
import type { Read, Source } from '../types.js';

/** Functions that differ between browsers and Node. */
export interface Platform {
  /** Reads a file of the package, or weights. Default: downloads it. */
  read?: Read;
  /** Decodes a source. The samples must be a copy, since they are transferred to the worker. */
  decode: (source: Source, signal?: AbortSignal) => Promise<Decoded>;
}

/** The functions for browsers. */
export const browser: Platform = { decode };

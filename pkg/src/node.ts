/**
 * The inference engine for Node.
 *
 * @module tonearm/node
 */
import { Engine as BrowserEngine, type EngineOptions } from './engine.js';
import { node } from './runtime/node-platform.js';

export { TonearmError } from './types.js';
export type { EngineOptions } from './engine.js';
export type { Metadata } from './metadata.js';
export type {
  ClassifyOptions,
  ErrorCode,
  Fallback,
  Genre,
  MapPosition,
  NetworkName,
  Prediction,
  Probabilities,
  Samples,
  Source,
  Span,
  Spectrogram,
  TableNetworkName,
  TrackMap,
} from './types.js';

/**
 * The engine for Node. It runs on the CPU and on the calling thread, and decodes only wav files. Strings and URLs name
 * local files, for tracks as well as for weights. Call `close()`, or the Node process does not exit.
 */
export class Engine extends BrowserEngine {
  constructor(options: Omit<EngineOptions, 'assets' | 'backend'> = {}) {
    super({ ...options, backend: 'cpu' }, node);
  }
}

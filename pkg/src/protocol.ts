import type { Backend, Card, CorePrediction, Probabilities, Spectrogram, TrackMap } from './types.js';

/** What the weights hold beside the network. */
export interface Loaded {
  card: Card;
  /** Undefined if they do not map the tracks that they were fitted on. */
  map: TrackMap | undefined;
}

/** What the page asks of the worker. Every request but `cancel` gets one answer with its id. */
export type Request =
  | { type: 'load'; id: number; backend: Backend; module: WebAssembly.Module; weights: Uint8Array }
  | { type: 'warm-up'; id: number; backend: Backend }
  | { type: 'analyse'; id: number; backend: Backend; channels: Float32Array[]; sampleRate: number; nPeaks: number }
  | { type: 'table'; id: number; backend: Backend; rows: Float32Array }
  | { type: 'cancel'; id: number };

/** A request before it has its id. */
export type Question = Request extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

/** What each request is answered with. */
export interface Answers {
  load: Loaded;
  'warm-up': { seconds: number };
  /** One answer a row. */
  table: Probabilities[];
  analyse: { prediction: CorePrediction; spectrogram: Spectrogram; peaks: Float32Array };
}

/** What the worker says. */
export type Reply =
  /** It runs, and holds the lock of its name. */
  | { type: 'alive' }
  | { type: 'progress'; id: number; progress: number }
  | { type: 'answer'; id: number; answer: Answers[keyof Answers] }
  /** The core or the device said no, in a sentence; the worker goes on. */
  | { type: 'refused'; id: number; part: 'device' | 'weights' | 'track'; message: string }
  | { type: 'cancelled'; id: number }
  /** The wasm instance or the device is gone: this worker is of no more use. */
  | { type: 'lost'; reason: string };

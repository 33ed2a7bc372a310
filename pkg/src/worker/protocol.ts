import type {
  Effort,
  FileFeatures,
  ProjectContent,
  RecipeName,
  TrainEpoch,
  TrainResult,
  TrainSettings,
} from '../project-types.js';
import type { Backend, Card, CorePrediction, Probabilities, Spectrogram, TrackMap } from '../types.js';

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
  | TrainingRequest
  | { type: 'cancel'; id: number };

/** What a run is made of. */
export interface TrainingTask {
  backend: Backend;
  project: ProjectContent;
  settings: TrainSettings;
  /** Weights whose CNN is learnt from. */
  base: Uint8Array;
}

/** What a trainer asks: all of them need a module that trains, and most the CPU's. */
export type TrainingRequest =
  | { type: 'load-trainer'; id: number; backend: Backend; module: WebAssembly.Module }
  | { type: 'settings'; id: number; recipe: RecipeName; effort: Effort }
  | { type: 'features'; id: number; channels: Float32Array[]; sampleRate: number }
  | { type: 'pace'; id: number; task: TrainingTask }
  | {
      type: 'train';
      id: number;
      task: TrainingTask;
      /** Where a run that was stopped goes on. */
      state: Uint8Array | null;
      /** Today's, as 2026-11-23. */
      date: string;
      command: string;
    }
  | { type: 'steer'; id: number; run: number; wish: Wish }
  | { type: 'pack'; id: number; project: ProjectContent; settings: TrainSettings | null; weights: Uint8Array | null }
  | { type: 'unpack'; id: number; zip: Uint8Array };

/** How fast a run goes. */
export interface Pace {
  /** Of a piece of work, such as a step of the optimiser. */
  seconds: number;
  /** So many of them make the run, on the whole. */
  pieces: number;
}

/** What is wished of a run. */
export type Wish = 'pause' | 'resume' | 'stop';

const TRAINING_REQUESTS = ['load-trainer', 'settings', 'features', 'pace', 'train', 'steer', 'pack', 'unpack'];

/** Whether a request is one of a trainer's. */
export function isTrainingRequest(request: Request): request is TrainingRequest {
  return TRAINING_REQUESTS.includes(request.type);
}

/** What a run is at. */
export type TrainProgress =
  | {
      /** Windows are heard by the network that is learnt from. */
      kind: 'embedded';
      /** So many of them. */
      done: number;
      /** So many there are. */
      of: number;
    }
  | {
      /** The optimiser took a step. */
      kind: 'trained';
      /** Its number in the epoch, from 1. */
      step: number;
      /** Steps of the epoch. */
      of: number;
      /** As far as they have been counted. */
      windowsPerSecond: number;
    }
  | {
      /** Rows were answered for: those kept back, after an epoch or a fit, or all of them for the map. */
      kind: 'answered';
      /** So many of them. */
      done: number;
      /** So many there are. */
      of: number;
    }
  | {
      /** Epochs have ended. */
      kind: 'epochs';
      /** Those since the latest word of epochs, in order. */
      epochs: TrainEpoch[];
      /** Where a run that stops after them goes on; null where it was told to end. */
      state: Uint8Array | null;
    }
  | {
      /** It waits to be resumed. */
      kind: 'paused';
    };

/** A request before it has its id. */
export type Question = Request extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

/** What a project's zip holds. */
export interface Unpacked {
  /** Its classes and files. */
  project: ProjectContent;
  /** How it was trained, or is to be; null where nothing was chosen. */
  settings: TrainSettings | null;
  /** A weights file; null where nothing was trained. */
  weights: Uint8Array | null;
}

/** What each request is answered with. */
export interface Answers {
  load: Loaded;
  'warm-up': { seconds: number };
  /** One answer a row. */
  table: Probabilities[];
  analyse: { prediction: CorePrediction; spectrogram: Spectrogram; peaks: Float32Array };
  'load-trainer': null;
  settings: TrainSettings;
  features: FileFeatures;
  pace: Pace;
  train: { weights: Uint8Array; report: TrainResult };
  steer: null;
  pack: Uint8Array;
  unpack: Unpacked;
}

/** What a request's progress is told in. */
export type ProgressOf<T> = T extends 'train' ? TrainProgress : number;

/** What the worker says; `alive` comes first, and once. */
export type Reply =
  /** It runs; where there are locks, it holds the one of its name. */
  | { type: 'alive'; locked: boolean }
  | { type: 'progress'; id: number; progress: ProgressOf<keyof Answers> }
  | { type: 'answer'; id: number; answer: Answers[keyof Answers] }
  /** The core or the device said no, in a sentence; the worker goes on. */
  | { type: 'refused'; id: number; part: 'device' | 'weights' | 'track'; message: string }
  | { type: 'cancelled'; id: number }
  /** The wasm instance or the device is gone: this worker is of no more use. */
  | { type: 'lost'; reason: string };

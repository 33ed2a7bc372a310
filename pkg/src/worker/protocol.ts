import type {
  Effort,
  FileFeatures,
  ProjectContent,
  RecipeName,
  TrainEpoch,
  TrainResult,
  TrainSettings,
} from '../project-types.js';
import type { Metadata } from '../metadata.js';
import type { CoreError, Backend, CorePrediction, Probabilities, Spectrogram, TrackMap } from '../types.js';

/** Metadata of a weights file. */
export interface Loaded {
  metadata: Metadata;
  /** Map of the training tracks; undefined if the weights contain none. */
  map: TrackMap | undefined;
}

/** Messages from the page to the worker. Every request except `cancel` gets one final reply with its id. */
export type Request =
  | { type: 'load'; id: number; backend: Backend; module: WebAssembly.Module; weights: Uint8Array }
  | { type: 'warm-up'; id: number; backend: Backend }
  | { type: 'analyse'; id: number; backend: Backend; channels: Float32Array[]; sampleRate: number; nPeaks: number; withSpectrogram: boolean }
  | { type: 'table'; id: number; backend: Backend; rows: Float32Array }
  | TrainingRequest
  | { type: 'cancel'; id: number };

/** The input of a training run. */
export interface TrainingTask {
  backend: Backend;
  project: ProjectContent;
  settings: TrainSettings;
  /** Weights file whose CNN is the backbone for transfer learning. */
  base: Uint8Array;
}

/** Requests that need a module with training. */
export type TrainingRequest =
  | { type: 'load-trainer'; id: number; backend: Backend; module: WebAssembly.Module }
  | { type: 'settings'; id: number; recipe: RecipeName; effort: Effort }
  | { type: 'features'; id: number; channels: Float32Array[]; sampleRate: number }
  | { type: 'benchmark'; id: number; task: TrainingTask }
  | {
      type: 'train';
      id: number;
      task: TrainingTask;
      /** State to resume from; null for a new run. */
      state: Uint8Array | null;
      /** Today's date, such as 2026-11-23. */
      date: string;
      /** Command for the model card that repeats the run. */
      command: string;
    }
  | {
      type: 'control';
      id: number;
      /** Id of the `train` request. */
      run: number;
      action: RunAction;
    }
  | { type: 'pack'; id: number; project: ProjectContent; settings: TrainSettings | null; weights: Uint8Array | null }
  | { type: 'unpack'; id: number; zip: Uint8Array };

/** Measured speed of a training run. */
export interface Benchmark {
  /** Mean duration of a step of the session. */
  stepSeconds: number;
  /** Estimated number of steps of the whole run. */
  nSteps: number;
}

/** An action on a training run. */
export type RunAction = 'pause' | 'resume' | 'stop';

const TRAINING_REQUESTS = ['load-trainer', 'settings', 'features', 'benchmark', 'train', 'control', 'pack', 'unpack'];

/** Whether a request needs a module with training. */
export function isTrainingRequest(request: Request): request is TrainingRequest {
  return TRAINING_REQUESTS.includes(request.type);
}

/** Progress of a training run. */
export type TrainProgress =
  | {
      /** Windows were embedded by the backbone. */
      kind: 'embedded';
      /** Number of windows embedded so far. */
      done: number;
      /** Number of windows in total. */
      of: number;
    }
  | {
      /** The optimiser took a step. */
      kind: 'trained';
      /** Number of the step in its epoch, from 1. */
      step: number;
      /** Number of steps in the epoch. */
      of: number;
      /** Mean training speed so far. */
      windowsPerSecond: number;
    }
  | {
      /** Windows were classified: those of the validation set after an epoch, or all of them for the map. */
      kind: 'evaluated';
      /** Number of windows classified so far. */
      done: number;
      /** Number of windows in total. */
      of: number;
    }
  | {
      /** One or more epochs ended. */
      kind: 'epochs';
      /** Epochs since the previous message of this kind, in order. */
      epochs: TrainEpoch[];
      /** State from which the run can resume after these epochs; null if the run is stopping. */
      state: Uint8Array | null;
    }
  | {
      /** The run is paused. */
      kind: 'paused';
    };

/** A request without its id. */
export type RequestBody = Request extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

/** Content of a project's zip file. */
export interface Unpacked {
  /** Classes and files of the project. */
  project: ProjectContent;
  /** Training settings; null if none were chosen. */
  settings: TrainSettings | null;
  /** Weights file; null if the project was not trained. */
  weights: Uint8Array | null;
}

/** Results by type of request. */
export interface Results {
  load: Loaded;
  'warm-up': { seconds: number };
  /** Probabilities of each row. */
  table: Probabilities[];
  analyse: { prediction: CorePrediction; spectrogram: Spectrogram | null; peaks: Float32Array };
  'load-trainer': null;
  settings: TrainSettings;
  features: FileFeatures;
  benchmark: Benchmark;
  train: { weights: Uint8Array; report: TrainResult };
  control: null;
  pack: Uint8Array;
  unpack: Unpacked;
}

/** Type of a request's progress: for `train` an event, otherwise the fraction done. */
export type ProgressOf<T> = T extends 'train' ? TrainProgress : number;

/** The part of a request that failed. */
export type FailedPart = 'device' | 'weights' | 'track';

/** Messages from the worker to the page. The first is `started`. */
export type Reply =
  /** The worker runs. `locked` tells whether it holds the lock of its name. Sent once, before all other messages. */
  | { type: 'started'; locked: boolean }
  | { type: 'progress'; id: number; progress: ProgressOf<keyof Results> }
  | { type: 'result'; id: number; result: Results[keyof Results] }
  /** The core or the device reported an error. The worker can still be used. */
  | { type: 'failed'; id: number; part: FailedPart; message: string; core: CoreError | null }
  | { type: 'cancelled'; id: number }
  /** The wasm instance trapped or the device was lost. The worker can no longer be used. */
  | { type: 'lost'; reason: string; kind?: 'gpu-lost' };

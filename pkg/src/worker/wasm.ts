import type { Effort, FileFeatures, ProjectManifest, RecipeName, TrainEpoch, TrainResult, TrainSettings } from '../project-types.js';
import type { Metadata } from '../metadata.js';
import type { Backend, CorePrediction, Probabilities, Spectrogram, TrackMap } from '../types.js';

/** Exports of a WebAssembly instance that the generated `tonearm_web.js` does not call. */
export interface WasmExports {
  /** Calls the constructors with which the WebGPU backend registers its operations. Other builds lack it. */
  __wasm_call_ctors?(): void;
}

/** Exports of the generated `tonearm_web.js` that all builds have. */
export interface WasmModule {
  /** Instantiates the module. {@link instantiate} calls it. */
  default(options: { module_or_path: WebAssembly.Module }): Promise<WasmExports>;
  Runtime: { start(): Promise<WasmRuntime> };
}

export interface WasmRuntime {
  /** Creates a classifier. Rejects with an `Error` if the bytes are not weights that this build supports. */
  classifier(weights: Uint8Array): Promise<WasmClassifier>;
}

export interface WasmClassifier {
  readonly metadata: Metadata;
  /** Map of the training tracks; undefined if the weights contain none. */
  readonly map: TrackMap | undefined;
  /**
   * Classifies silent windows, as many as one step of an analysis classifies at most, and returns their number.
   * This compiles the kernels and lets the caller time a window.
   */
  warmUp(): Promise<number>;
  analyse(channels: Float32Array[], sampleRate: number, withSpectrogram: boolean): WasmAnalysis;
  /** Classifies rows of a table. `rows` is `[nRows][nColumns]`, concatenated. */
  table(rows: Float32Array): Promise<Probabilities[]>;
  free(): void;
}

export interface WasmAnalysis {
  /** Classifies the next windows. Resolves to the fraction of the track that is done, 0 to 1. */
  step(): Promise<number>;
  /** Largest magnitude in each of `n` equally long parts of the track. */
  peaks(n: number): Float32Array;
  /** Consumes the analysis, which must not be used or freed afterwards. */
  finish(): { prediction: CorePrediction; spectrogram: Spectrogram | null };
  free(): void;
}

/** Exports of the modules `train` and `webgpu`, which include training. */
export interface WasmTrainer extends WasmModule {
  Runtime: { start(): Promise<WasmRuntime & { session(project: WasmProject, settings: TrainSettings, base: Uint8Array): WasmSession }> };
  Project: {
    new (name: string, classes: string[]): WasmProject;
    ofTable(name: string, classes: string[], columns: string[]): WasmProject;
    fromZip(bytes: Uint8Array): WasmProject;
  };
  features(channels: Float32Array[], sampleRate: number): FileFeatures;
  settings(recipe: RecipeName, effort: Effort): TrainSettings;
}

export interface WasmProject {
  add(file: { name: string; class: number; artist: string | null; seconds: number }, mel: Uint8Array, mfcc: Uint8Array, fingerprint: string): void;
  addRows(rows: { name: string; class: number; artist: string | null }[], values: Float32Array): void;
  table(): Float32Array;
  readonly manifest: ProjectManifest;
  features(file: number): FileFeatures;
  readonly weights: Uint8Array | undefined;
  zip(settings: TrainSettings | null, weights: Uint8Array | null): Uint8Array;
  free(): void;
}

/** What one step of a session did. */
export type WasmStep =
  | { kind: 'embedded'; done: number; of: number }
  | { kind: 'trained'; step: number; of: number }
  | { kind: 'evaluated'; done: number; of: number }
  | ({ kind: 'epoch' } & TrainEpoch)
  | { kind: 'finished' };

export interface WasmSession {
  step(): Promise<WasmStep>;
  /** Requests an early end. Returns false, without effect, if there is no epoch to keep yet. */
  stop(): boolean;
  /** State to resume from. On the GPU it lacks the optimiser's moments. */
  state(): Promise<Uint8Array>;
  restore(state: Uint8Array): void;
  finish(date: string, command: string): Promise<{ weights: Uint8Array; report: TrainResult }>;
  free(): void;
}

/** Instantiates a module. Call it once per worker. */
export async function instantiate(wasm: WasmModule, program: WebAssembly.Module) {
  const exports = await wasm.default({ module_or_path: program });
  exports.__wasm_call_ctors?.();
}

/** Imports the wasm-bindgen glue for inference on a backend. */
export async function importWasm(backend: Backend): Promise<WasmModule> {
  const glue: unknown =
    backend === 'cpu'
      ? await import('../../wasm/cpu/tonearm_web.js')
      : await import('../../wasm/webgpu/tonearm_web.js');
  return glue as WasmModule;
}

/** Imports the wasm-bindgen glue for training on a backend. The WebGPU module includes inference and training. */
export async function importTrainer(backend: Backend): Promise<WasmTrainer> {
  const glue: unknown =
    backend === 'cpu'
      ? await import('../../wasm/train/tonearm_web.js')
      : await import('../../wasm/webgpu/tonearm_web.js');
  return glue as WasmTrainer;
}

import type { Effort, FileFeatures, ProjectManifest, RecipeName, TrainEpoch, TrainResult, TrainSettings } from '../project-types.js';
import type { Backend, Card, CorePrediction, Probabilities, Spectrogram, TrackMap } from '../types.js';

/** What the generated `tonearm_web.js` exports, in all builds. */
export interface WasmModule {
  /** Instantiates the module; once per worker. */
  default(options: { module_or_path: WebAssembly.Module }): Promise<unknown>;
  Runtime: { start(): Promise<WasmRuntime> };
}

export interface WasmRuntime {
  readonly backend: Backend;
  /** Rejects with an `Error` whose message is a sentence if the bytes are no weights for this build. */
  classifier(weights: Uint8Array): Promise<WasmClassifier>;
}

export interface WasmClassifier {
  readonly labels: string[];
  readonly card: Card;
  /** The training tracks; undefined if the weights do not map them. */
  readonly map: TrackMap | undefined;
  /**
   * Classifies as many silent windows as a step does at most, and says how many, so that kernels are
   * compiled and a host can time a window.
   */
  warm_up(): Promise<number>;
  analyse(channels: Float32Array[], sample_rate: number): WasmAnalysis;
  /** Classifies rows of a table, one after the other in `rows`. */
  table(rows: Float32Array): Promise<Probabilities[]>;
  free(): void;
}

export interface WasmAnalysis {
  /** Classifies one window; resolves to the part done, 0 to 1. */
  step(): Promise<number>;
  readonly n_windows: number;
  peaks(n: number): Float32Array;
  finish(): { prediction: CorePrediction; spectrogram: Spectrogram };
  free(): void;
}

/** What the modules `train` and `webgpu` export in addition. */
export interface WasmTrainer extends WasmModule {
  Runtime: { start(): Promise<WasmRuntime & { session(project: WasmProject, settings: TrainSettings, base: Uint8Array): WasmSession }> };
  Project: {
    new (name: string, classes: string[]): WasmProject;
    of_table(name: string, classes: string[], columns: string[]): WasmProject;
    from_zip(bytes: Uint8Array): WasmProject;
  };
  features(channels: Float32Array[], sample_rate: number): FileFeatures;
  settings(recipe: RecipeName, effort: Effort): TrainSettings;
}

export interface WasmProject {
  add(file: { name: string; class: number; artist: string | null; seconds: number }, mel: Uint8Array, mfcc: Uint8Array, fingerprint: string): void;
  add_rows(rows: { name: string; class: number; artist: string | null }[], values: Float32Array): void;
  table(): Float32Array;
  readonly manifest: ProjectManifest;
  features(file: number): FileFeatures;
  readonly weights: Uint8Array | undefined;
  zip(settings: TrainSettings | null, weights: Uint8Array | null): Uint8Array;
  free(): void;
}

/** What a piece of work of a run was. */
export type WasmStep =
  | { kind: 'embedded'; done: number; of: number }
  | { kind: 'trained'; step: number; of: number }
  | { kind: 'answered'; done: number; of: number }
  | ({ kind: 'epoch' } & TrainEpoch)
  | { kind: 'over' };

export interface WasmSession {
  step(): Promise<WasmStep>;
  /** Asks it to be over soon; false where there is nothing to keep yet. */
  stop(): boolean;
  /** On the graphics card without the optimiser's moments. */
  state(): Promise<Uint8Array>;
  restore(state: Uint8Array): void;
  finish(date: string, command: string): Promise<{ weights: Uint8Array; report: TrainResult }>;
  free(): void;
}

/** Takes the glue of one backend; only the one asked for is fetched. */
export async function importWasm(backend: Backend): Promise<WasmModule> {
  const glue: unknown =
    backend === 'cpu'
      ? await import('../../wasm/cpu/tonearm_web.js')
      : await import('../../wasm/webgpu/tonearm_web.js');
  return glue as WasmModule;
}

/** Imports the glue of a backend's module that trains; the WebGPU module does both. */
export async function importTrainer(backend: Backend): Promise<WasmTrainer> {
  const glue: unknown =
    backend === 'cpu'
      ? await import('../../wasm/train/tonearm_web.js')
      : await import('../../wasm/webgpu/tonearm_web.js');
  return glue as WasmTrainer;
}

/* tslint:disable */
/* eslint-disable */

/**
 * Analysis of one track, a window at a time, or a batch on a GPU. The host yields between steps,
 * so that it can cancel and show progress.
 */
export class Analysis {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Prediction from the windows done so far, `{ prediction, spectrogram }`.
     *
     * Consumes the analysis, so JavaScript has nothing to free.
     */
    finish(): any;
    /**
     * Largest magnitude in each of `n` equal parts of the track.
     */
    peaks(n: number): Float32Array;
    /**
     * Classifies the next batch of windows; resolves to the progress, in 0..=1.
     *
     * Rejects if the device fails, or if another step is still running.
     */
    step(): Promise<number>;
    /**
     * Number of windows.
     */
    readonly nWindows: number;
}

/**
 * A trained classifier.
 */
export class Classifier {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Prepares the analysis of one track without classifying anything yet.
     *
     * `channels` have equal length and values in -1..1, at `sample_rate` Hz. Throws if they are
     * empty, not finite, too short or too long.
     */
    analyse(channels: Float32Array[], sample_rate: number): Analysis;
    /**
     * Classifies rows of a table, given in row-major order; resolves to their probabilities.
     *
     * Rejects if the network does not read a table, or the number of values is not a multiple of
     * the number of columns.
     */
    table(rows: Float32Array | number[]): Promise<any>;
    /**
     * Classifies one batch of silent windows and resolves to its size, so that kernels are
     * compiled and the host can estimate the time per window.
     */
    warmUp(): Promise<number>;
    /**
     * Names of the classes.
     */
    readonly labels: string[];
    /**
     * Map of the training tracks, `{ coordinates, labels }`: x and y of every track in one array, and
     * the label index of every track. Undefined if the weights have no map.
     */
    readonly map: any;
    /**
     * Metadata of the weights file.
     */
    readonly metadata: any;
}

/**
 * Classes and files, with the features of every file.
 */
export class Project {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Adds rows to a table: `{ name, class, artist }` of each, and their `values` in row-major
     * order.
     */
    addRows(rows: any, values: Float32Array | number[]): void;
    /**
     * Adds a file, `{ name, class, artist, seconds }`, with its features. Throws if another
     * version computed different features.
     */
    add(file: any, mel: Uint8Array | number[], mfcc: Uint8Array | number[], fingerprint: string): void;
    /**
     * Features of one file, `{ mel, mfcc, windows, fingerprint }`.
     */
    features(file: number): any;
    /**
     * Reads a project from its archive. Throws if the archive is damaged or newer than this
     * version.
     */
    static fromZip(bytes: Uint8Array | number[]): Project;
    /**
     * Creates a project without files.
     */
    constructor(name: string, classes: string[]);
    /**
     * Creates a table project without rows.
     */
    static ofTable(name: string, classes: string[], columns: string[]): Project;
    /**
     * Values of the table in row-major order; empty for audio.
     */
    table(): Float32Array;
    /**
     * Serialises to an archive, with the training settings and the trained weights.
     */
    zip(settings: any, weights?: Uint8Array | number[] | null): Uint8Array;
    /**
     * Manifest of the project: `{ name, classes, files, settings }` and more.
     */
    readonly manifest: any;
    /**
     * Bytes of the weights file trained on the project, if there is one.
     */
    readonly weights: Uint8Array | undefined;
}

/**
 * The visitor's compute device. A worker starts one and keeps it.
 */
export class Runtime {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Builds a classifier from the bytes of a weights file.
     *
     * The page fetches the file, so that caching and progress stay in JavaScript. Rejects if the
     * bytes are not a weights file, or the network was trained on other features than this build
     * computes.
     */
    classifier(weights: Uint8Array | number[]): Promise<Classifier>;
    /**
     * Plans a run on a project. `base` is the weights file whose CNN is the backbone.
     */
    session(project: Project, settings: any, base: Uint8Array | number[]): Session;
    /**
     * Starts the device of this build.
     *
     * Call it once per worker: the GPU runtime refuses a second start. Rejects if this is the
     * WebGPU build and the browser has no adapter.
     */
    static start(): Promise<Runtime>;
    /**
     * Name of the backend: `cpu` or `webgpu`.
     */
    readonly backend: string;
}

/**
 * A training run. The host yields between steps.
 */
export class Session {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Classifier and report of a finished run, `{ weights, report }`.
     */
    finish(date: string, command: string): Promise<any>;
    /**
     * Restores a checkpoint of the same run; throws if it is damaged or of another run.
     */
    restore(checkpoint: Uint8Array | number[]): void;
    /**
     * Saves a checkpoint after an epoch, for `restore`.
     */
    state(): Promise<Uint8Array>;
    /**
     * Does the next small step of work; resolves to its description.
     */
    step(): Promise<any>;
    /**
     * Stops the run after some more steps and keeps its best epoch. Returns false, without effect,
     * if no epoch has ended yet.
     */
    stop(): boolean;
}

/**
 * Computes the features of a file, `{ mel, mfcc, windows, fingerprint }`.
 *
 * `channels` have equal length and values in -1..1, at `sample_rate` Hz. Throws if they are empty,
 * too short, too long or silent.
 */
export function features(channels: Float32Array[], sample_rate: number): any;

/**
 * Default settings of a training method, for the effort `quick` or `better`.
 */
export function settings(recipe: any, effort: any): any;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_analysis_free: (a: number, b: number) => void;
    readonly __wbg_classifier_free: (a: number, b: number) => void;
    readonly __wbg_project_free: (a: number, b: number) => void;
    readonly __wbg_runtime_free: (a: number, b: number) => void;
    readonly __wbg_session_free: (a: number, b: number) => void;
    readonly analysis_finish: (a: number) => [number, number, number];
    readonly analysis_nWindows: (a: number) => number;
    readonly analysis_peaks: (a: number, b: number) => [number, number];
    readonly analysis_step: (a: number) => any;
    readonly classifier_analyse: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly classifier_labels: (a: number) => [number, number];
    readonly classifier_map: (a: number) => [number, number, number];
    readonly classifier_metadata: (a: number) => [number, number, number];
    readonly classifier_table: (a: number, b: number, c: number) => any;
    readonly classifier_warmUp: (a: number) => any;
    readonly features: (a: number, b: number, c: number) => [number, number, number];
    readonly project_add: (a: number, b: any, c: number, d: number, e: number, f: number, g: number, h: number) => [number, number];
    readonly project_addRows: (a: number, b: any, c: number, d: number) => [number, number];
    readonly project_features: (a: number, b: number) => [number, number, number];
    readonly project_fromZip: (a: number, b: number) => [number, number, number];
    readonly project_manifest: (a: number) => [number, number, number];
    readonly project_new: (a: number, b: number, c: number, d: number) => number;
    readonly project_ofTable: (a: number, b: number, c: number, d: number, e: number, f: number) => number;
    readonly project_table: (a: number) => [number, number];
    readonly project_weights: (a: number) => [number, number];
    readonly project_zip: (a: number, b: any, c: number, d: number) => [number, number, number, number];
    readonly runtime_backend: (a: number) => [number, number];
    readonly runtime_classifier: (a: number, b: number, c: number) => any;
    readonly runtime_session: (a: number, b: number, c: any, d: number, e: number) => [number, number, number];
    readonly runtime_start: () => any;
    readonly session_finish: (a: number, b: number, c: number, d: number, e: number) => any;
    readonly session_restore: (a: number, b: number, c: number) => [number, number];
    readonly session_state: (a: number) => any;
    readonly session_step: (a: number) => any;
    readonly session_stop: (a: number) => [number, number, number];
    readonly settings: (a: any, b: any) => [number, number, number];
    readonly wasm_bindgen__convert__closures_____invoke__h07a2c70bc42ce1df: (a: number, b: number, c: any, d: any) => void;
    readonly wasm_bindgen__convert__closures_____invoke__h08d017cf3b636113: (a: number, b: number, c: any) => [number, number];
    readonly __wbindgen_malloc: (a: number, b: number) => number;
    readonly __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
    readonly __wbindgen_free: (a: number, b: number, c: number) => void;
    readonly __wbindgen_exn_store: (a: number) => void;
    readonly __externref_table_alloc: () => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __wbindgen_destroy_closure: (a: number, b: number) => void;
    readonly __externref_table_dealloc: (a: number) => void;
    readonly __externref_drop_slice: (a: number, b: number) => void;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;

/**
 * The inference engine.
 *
 * @module tonearm/engine
 */
import { inferenceModule } from './asset-urls.js';
import { Assets } from './runtime/assets.js';
import { secondsOf } from './audio/decode.js';
import { DeviceChoice } from './runtime/device-choice.js';
import { coreError, knownError, refusal } from './runtime/errors.js';
import { GpuFailed, attributeToGpu } from './runtime/gpu-failed.js';
import { InferenceClient } from './runtime/inference-client.js';
import { type Platform, browser } from './runtime/platform.js';
import { ranked } from './text/timeline.js';
import type { Loaded } from './worker/protocol.js';
import { unlessAborted } from './runtime/stall-deadline.js';
import { texts } from './text/texts.js';
import type { Metadata } from './metadata.js';
import {
  type AssetOptions,
  type Backend,
  type BackendChoice,
  type ClassifyOptions,
  type Prediction,
  type Probabilities,
  type Source,
  TonearmError,
  type TrackMap,
} from './types.js';
import { WorkerLost, retryOnce } from './runtime/worker-link.js';

/** Default number of genres in `Prediction.top`. @internal */
export const TOP_K = 3;

/** Number of table rows per request to the worker. */
const ROWS_PER_REQUEST = 500;

/** Options of an engine. */
export interface EngineOptions extends AssetOptions {
  /** Where to compute. Default: `auto`. */
  backend?: BackendChoice;
}

/** A track in the queue. */
interface Job {
  source: Source;
  options: ClassifyOptions;
  resolve(prediction: Prediction): void;
  reject(reason: unknown): void;
}

/**
 * Recognises the genre of tracks, one at a time, in a worker.
 *
 * Nothing is downloaded before the first call. Every promise settles: if the worker crashes or hangs, it is restarted
 * and the track is analysed once more; if the GPU fails, the CPU takes over.
 */
export class Engine {
  readonly #client: InferenceClient;
  readonly #choice: DeviceChoice;
  readonly #decode: Platform['decode'];
  readonly #queue: Job[] = [];
  #busy = false;
  #closed = false;
  #backend: Backend | undefined;

  constructor(options?: EngineOptions);
  /** @internal */
  constructor(options: EngineOptions, platform: Platform);
  constructor(options: EngineOptions = {}, { read, decode }: Platform = browser) {
    this.#client = new InferenceClient(new Assets(options, inferenceModule, read));
    this.#decode = decode;
    this.#choice = new DeviceChoice(options.backend ?? 'auto', this.#client);
  }

  /** Backend of the latest prediction; undefined before the first. */
  get backend(): Backend | undefined {
    return this.#backend;
  }

  /**
   * Loads the weights and returns their metadata: labels, settings and model card.
   *
   * # Errors
   * Rejects with a {@link TonearmError} if the weights or the program cannot be downloaded, or the weights are invalid.
   */
  async metadata(): Promise<Metadata> {
    return (await this.#loaded()).metadata;
  }

  /**
   * Loads the weights and returns their map of the training tracks; undefined if they contain none.
   *
   * # Errors
   * The same as for {@link Engine.metadata}.
   */
  async map(): Promise<TrackMap | undefined> {
    return (await this.#loaded()).map;
  }

  async #loaded(): Promise<Loaded> {
    try {
      return await this.#retryOnce(() => this.#client.load('cpu'));
    } catch (thrown) {
      throw this.#closed ? knownError('closed') : toTonearmError(thrown);
    }
  }

  /**
   * Recognises the genre of a track. Tracks are analysed in the order of the calls.
   *
   * # Errors
   * Rejects with a {@link TonearmError} that you can show to the user, or with the signal's reason if the signal is
   * aborted.
   */
  classify(source: Source, options: ClassifyOptions = {}): Promise<Prediction> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(knownError('closed'));
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => this.#abort(job);
      const settle = () => signal?.removeEventListener('abort', abort);
      const job: Job = {
        source,
        options,
        resolve: (prediction) => (settle(), resolve(prediction)),
        reject: (reason) => (settle(), reject(reason)),
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(job);
      if (this.#busy) options.onStage?.('waiting');
      else void this.#drain();
    });
  }

  /**
   * Classifies rows of a table with a network for tables, such as `mlp-eleven`.
   *
   * @param rows - `[nRows][nColumns]`, in the order of the network's columns.
   * @returns The probabilities of each row.
   *
   * # Errors
   * Rejects with a {@link TonearmError} if a row has the wrong number of columns.
   */
  async classifyRows(rows: readonly (readonly number[])[]): Promise<Probabilities[]> {
    try {
      const probabilities: Probabilities[] = [];
      for (let start = 0; start < rows.length; start += ROWS_PER_REQUEST) {
        const part = rows.slice(start, start + ROWS_PER_REQUEST);
        probabilities.push(...(await this.#retryOnce(() => this.#classifyPart(part))));
      }
      return probabilities;
    } catch (thrown) {
      throw this.#closed ? knownError('closed') : toTonearmError(thrown);
    }
  }

  /** Ends the worker and frees its memory. Pending calls reject. */
  close() {
    this.#closed = true;
    this.#client.close();
    for (const job of this.#queue.splice(0)) job.reject(knownError('closed'));
  }

  async #classifyPart(rows: readonly (readonly number[])[]): Promise<Probabilities[]> {
    const { metadata } = await this.#client.load('cpu');
    const nColumns = metadata.network.input.columns?.names.length;
    if (nColumns === undefined) throw refusal('refused', texts.noTable, texts.noTableAdvice);
    const wrong = rows.find((row) => row.length !== nColumns);
    if (wrong) throw refusal('refused', texts.wrongRow(wrong.length, nColumns), texts.wrongRowAdvice);
    return this.#client.table(Float32Array.from(rows.flat()));
  }

  /** Rejects a job immediately. The running job also receives the signal, and stays in the queue until it has stopped. */
  #abort(job: Job) {
    const index = this.#queue.indexOf(job);
    if (index > 0) this.#queue.splice(index, 1);
    job.reject(job.options.signal?.reason);
  }

  /** Runs all jobs in the queue. The running job stays at its head. */
  async #drain() {
    this.#busy = true;
    for (let job = this.#queue[0]; job; job = this.#queue[0]) {
      const running = job;
      const onProgress = monotonic(running.options.onProgress);
      try {
        running.resolve(await this.#retryOnce(() => this.#classify(running, onProgress)));
      } catch (thrown) {
        running.reject(this.#closed ? knownError('closed') : toTonearmError(thrown));
      }
      this.#queue.shift();
    }
    this.#busy = false;
  }

  #retryOnce<T>(action: () => Promise<T>): Promise<T> {
    return retryOnce(action, () => this.#closed);
  }

  /** Analyses a track. If the GPU fails, repeats the analysis on the CPU. */
  async #classify(job: Job, onProgress: Progress): Promise<Prediction> {
    try {
      return await this.#attempt(job, onProgress, true);
    } catch (thrown) {
      if (!(thrown instanceof GpuFailed) || this.#closed) throw thrown;
      // A GPU that hangs would block the worker, too.
      this.#client.end();
      const prediction = await this.#attempt(job, onProgress, false);
      // The GPU is disabled only after the CPU has succeeded: otherwise the track may have caused the failure.
      const { fallback } = thrown;
      this.#choice.disableGpu(fallback);
      return { ...prediction, fallback };
    }
  }

  async #attempt({ source, options }: Job, onProgress: Progress, mayUseGpu: boolean): Promise<Prediction> {
    const { signal, onStage, topK = TOP_K, spectrogram: withSpectrogram = false } = options;
    signal?.throwIfAborted();
    onStage?.('loading');
    const initial = mayUseGpu ? await this.#choice.initial() : 'cpu';
    // Cancelling the track does not cancel the download, which the next track needs, too.
    await unlessAborted(attributeToGpu(initial, () => this.#client.load(initial)), signal);

    onStage?.('decoding');
    const start = performance.now();
    const { samples, notes } = await this.#decode(source, signal);
    signal?.throwIfAborted();

    onStage?.('analysing');
    const backend = mayUseGpu ? await this.#choice.forTrack(initial, secondsOf(samples)) : initial;
    const result = await attributeToGpu(backend, () => this.#client.analyse(backend, samples, withSpectrogram, { signal, onProgress }));
    this.#backend = backend;
    const { prediction, spectrogram, peaks } = result;
    return {
      ...prediction,
      top: ranked(prediction.probabilities ?? {}).slice(0, topK),
      backend,
      elapsedSeconds: (performance.now() - start) / 1000,
      fallback: backend === 'cpu' ? this.#choice.fallback : null,
      notes: prediction.looped ? [...notes, texts.looped] : notes,
      spectrogram,
      peaks,
    };
  }
}

type Progress = (progress: number) => void;

/** Wraps a callback so that progress never decreases, even if the analysis starts again. */
function monotonic(onProgress: Progress | undefined): Progress {
  let furthest = 0;
  return (progress) => {
    if (progress <= furthest) return;
    furthest = progress;
    onProgress?.(progress);
  };
}

/** Converts an error to one that can be shown to the user. */
function toTonearmError(thrown: unknown): unknown {
  if (thrown instanceof TonearmError) return thrown;
  if (thrown instanceof WorkerLost) return knownError('worker');
  return coreError('refused', thrown);
}

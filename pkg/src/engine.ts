/**
 * The engine alone.
 *
 * @module tonearm/engine
 */
import { inferenceModule } from './asset-urls.js';
import { Assets } from './runtime/assets.js';
import { type Decoded, decode, secondsOf } from './audio/decode.js';
import { DeviceChoice } from './runtime/device-choice.js';
import { DeviceFailed, blamingGpu } from './runtime/device-failed.js';
import { messageOf, refusal, trouble } from './runtime/errors.js';
import { Host } from './runtime/host.js';
import { ranked } from './text/moments.js';
import type { Loaded } from './worker/protocol.js';
import { unlessAborted } from './runtime/stall-deadline.js';
import { texts } from './text/texts.js';
import {
  type AssetOptions,
  type Backend,
  type BackendChoice,
  type Card,
  type ClassifyOptions,
  type Prediction,
  type Probabilities,
  type Read,
  type Source,
  TonearmError,
  type TrackMap,
} from './types.js';
import { WorkerLost, retryOnce } from './runtime/worker-link.js';

/** Genres in `Prediction.top` where the caller does not say. @internal */
export const TOP_K = 3;

/** Rows of a table that the worker is given at once. */
const TABLE_ROWS = 500;

/** How an engine is set up. */
export interface EngineOptions extends AssetOptions {
  /** What is to compute. Default: `auto`. */
  backend?: BackendChoice;
}

/** What an engine that runs elsewhere than in a browser does in another way. @internal */
export interface Platform {
  /** Reads a file of the package, or weights. Default: by `fetch`. */
  read?: Read;
  /** Turns a source into samples that may be given away. */
  decode: (source: Source, signal?: AbortSignal) => Promise<Decoded>;
}

const browser: Platform = { decode };

/** One track in the queue. */
interface Job {
  source: Source;
  options: ClassifyOptions;
  resolve(prediction: Prediction): void;
  reject(reason: unknown): void;
}

/**
 * Names the genre of tracks, one after the other, in a worker of its own.
 *
 * Nothing is fetched before the first call. Every promise settles: a worker that dies is started
 * again and the track tried once more, a graphics card that fails is replaced by the CPU.
 */
export class Engine {
  readonly #host: Host;
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
    this.#host = new Host(new Assets(options, inferenceModule, read));
    this.#decode = decode;
    this.#choice = new DeviceChoice(options.backend ?? 'auto', this.#host);
  }

  /** What gave the latest answer; undefined before the first. */
  get backend(): Backend | undefined {
    return this.#backend;
  }

  /**
   * What the weights say of themselves: labels, settings and the model card. Loads them.
   *
   * # Errors
   * Rejects with a {@link TonearmError} if the weights or the program cannot be had, or do not fit.
   */
  async card(): Promise<Card> {
    return (await this.#loaded()).card;
  }

  /**
   * The tracks that the network was trained on; undefined if the weights do not map them. Loads them.
   *
   * # Errors
   * As those of {@link Engine.card}.
   */
  async map(): Promise<TrackMap | undefined> {
    return (await this.#loaded()).map;
  }

  async #loaded(): Promise<Loaded> {
    try {
      return await this.#retryOnce(() => this.#host.load('cpu'));
    } catch (thrown) {
      throw this.#closed ? trouble('closed') : presentable(thrown);
    }
  }

  /**
   * Names the genre of one track; it waits in line behind those asked for before.
   *
   * # Errors
   * Rejects with a {@link TonearmError} whose message and advice are fit to be shown, or with the
   * signal's reason when the signal is aborted.
   */
  classify(source: Source, options: ClassifyOptions = {}): Promise<Prediction> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(trouble('closed'));
      if (signal?.aborted) return reject(signal.reason);
      const drop = () => this.#drop(job);
      const settle = () => signal?.removeEventListener('abort', drop);
      const job: Job = {
        source,
        options,
        resolve: (prediction) => (settle(), resolve(prediction)),
        reject: (reason) => (settle(), reject(reason)),
      };
      signal?.addEventListener('abort', drop, { once: true });
      this.#queue.push(job);
      if (this.#busy) options.onStage?.('waiting');
      else void this.#drain();
    });
  }

  /**
   * Classifies rows of a table with a network that reads one, such as `mlp-eleven`.
   *
   * @param rows - `[n_rows][n_columns]`, each a number for each of the network's columns, in their order.
   * @returns The probabilities of each row.
   *
   * # Errors
   * Rejects with a {@link TonearmError} if a row is not of the network's columns.
   */
  async classifyRows(rows: readonly (readonly number[])[]): Promise<Probabilities[]> {
    try {
      const answers: Probabilities[] = [];
      for (let start = 0; start < rows.length; start += TABLE_ROWS) {
        const part = rows.slice(start, start + TABLE_ROWS);
        answers.push(...(await this.#retryOnce(() => this.#tableOf(part))));
      }
      return answers;
    } catch (thrown) {
      throw this.#closed ? trouble('closed') : presentable(thrown);
    }
  }

  /** Ends the worker and frees what it held; jobs that have no answer yet reject. */
  close() {
    this.#closed = true;
    this.#host.close();
    for (const job of this.#queue.splice(0)) job.reject(trouble('closed'));
  }

  async #tableOf(rows: readonly (readonly number[])[]): Promise<Probabilities[]> {
    const { card } = await this.#host.load('cpu');
    const width = card.network.input.columns?.names.length;
    const odd = rows.find((row) => row.length !== width);
    if (odd) throw refusal('refused', texts.wrongRow(odd.length, width));
    return this.#host.table(Float32Array.from(rows.flat()));
  }

  /** Rejects a job at once; one that runs has been told to stop, and makes way when it has. */
  #drop(job: Job) {
    const index = this.#queue.indexOf(job);
    if (index > 0) this.#queue.splice(index, 1);
    job.reject(job.options.signal?.reason);
  }

  /** Runs the queue to its end. The job that runs stays at its head. */
  async #drain() {
    this.#busy = true;
    for (let job = this.#queue[0]; job; job = this.#queue[0]) {
      const running = job;
      const onProgress = forwards(running.options.onProgress);
      try {
        running.resolve(await this.#retryOnce(() => this.#classify(running, onProgress)));
      } catch (thrown) {
        running.reject(this.#closed ? trouble('closed') : presentable(thrown));
      }
      this.#queue.shift();
    }
    this.#busy = false;
  }

  #retryOnce<T>(action: () => Promise<T>): Promise<T> {
    return retryOnce(action, () => this.#closed);
  }

  /** Answers one track; on the CPU if the graphics card fails on the way. */
  async #classify(job: Job, onProgress: Progress): Promise<Prediction> {
    try {
      return await this.#attempt(job, onProgress, true);
    } catch (thrown) {
      if (!(thrown instanceof DeviceFailed) || this.#closed) throw thrown;
      // The worker goes with its device: a hung one would never hear anything else.
      this.#host.end();
      const prediction = await this.#attempt(job, onProgress, false);
      // Only now: what the CPU refuses as well is the track's fault.
      const fallback = texts.gpuFailed(thrown.message);
      this.#choice.giveUpGpu(fallback);
      return { ...prediction, fallback };
    }
  }

  async #attempt({ source, options }: Job, onProgress: Progress, mayUseGpu: boolean): Promise<Prediction> {
    const { signal, onStage, topK = TOP_K } = options;
    signal?.throwIfAborted();
    onStage?.('loading');
    const first = mayUseGpu ? await this.#choice.first() : 'cpu';
    // A cancelled track makes way for the next one, which waits for the same download.
    await unlessAborted(blamingGpu(first, () => this.#host.load(first)), signal);

    onStage?.('decoding');
    const start = performance.now();
    const { samples, notes } = await this.#decode(source, signal);
    signal?.throwIfAborted();

    onStage?.('analysing');
    const backend = mayUseGpu ? await this.#choice.forTrack(first, secondsOf(samples)) : first;
    const answer = await blamingGpu(backend, () => this.#host.analyse(backend, samples, { signal, onProgress }));
    this.#backend = backend;
    const { prediction, spectrogram, peaks } = answer;
    return {
      ...prediction,
      top: ranked(prediction.probabilities ?? {}).slice(0, topK),
      backend,
      elapsed_seconds: (performance.now() - start) / 1000,
      fallback: backend === 'cpu' ? this.#choice.trouble : null,
      notes: prediction.looped ? [...notes, texts.looped] : notes,
      spectrogram,
      peaks,
    };
  }
}

type Progress = (progress: number) => void;

/** Passes on progress that goes forwards only, so that a track begun again shows no step back. */
function forwards(onProgress: Progress | undefined): Progress {
  let furthest = 0;
  return (progress) => {
    if (progress <= furthest) return;
    furthest = progress;
    onProgress?.(progress);
  };
}

/** The error that the caller sees: one with a sentence, or the reason of its own signal. */
function presentable(thrown: unknown): unknown {
  if (thrown instanceof TonearmError) return thrown;
  if (thrown instanceof WorkerLost) return trouble('worker');
  return refusal('refused', messageOf(thrown));
}

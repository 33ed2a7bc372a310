import { Assets } from './runtime/assets.js';
import { secondsOf } from './audio/decode.js';
import { coreError, knownError } from './runtime/errors.js';
import { hasAdapter } from './runtime/gpu.js';
import { type Platform, browser } from './runtime/platform.js';
import { GpuFailed, attributeToGpu, moduleFor, requireWorker } from './runtime/gpu-failed.js';
import type { Effort, FileFeatures, ProjectContent, RecipeName, TrainSettings } from './project-types.js';
import type { RequestBody, Results, TrainingRequest, Unpacked } from './worker/protocol.js';
import { errorTexts, projectAdvice } from './text/error-texts.js';
import { unlessAborted } from './runtime/stall-deadline.js';
import { type AssetOptions, type Backend, type BackendChoice, type ModuleName, type Source, TonearmError } from './types.js';
import { TRAIN_TIMEOUT_SECONDS, type TrainDevice, type TrainOptions, type TrainOutcome, type TrainRun, WorkerRun } from './runtime/train-run.js';
import { WorkerHolder } from './runtime/worker-holder.js';
import { type WorkerLink, WorkerLost, retryOnce } from './runtime/worker-link.js';

/** Seconds without a message after which the worker counts as hung, outside of and during training. */
const TIMEOUT_SECONDS = { short: 60, train: TRAIN_TIMEOUT_SECONDS };

/** Additional seconds per second of audio for the features of a file, which are computed without a message. */
const FEATURES_TIMEOUT_SECONDS = 0.5;

/** Shortest estimated training time on the CPU, in seconds, for which the GPU module is downloaded. */
const MIN_CPU_SECONDS = 20;

/** Features of a file, and metadata from its header. */
export interface FileFeaturesResult {
  /** Input of the networks. */
  features: FileFeatures;
  /** Length of the audio, in seconds. */
  seconds: number;
  /** Artist from the file's tags; null if unknown. */
  artist: string | null;
  /** Notes for the user, as sentences, for example that the sample rate could not be read. */
  notes: string[];
}

/** The modules with training. */
type TrainingModule = Exclude<ModuleName, 'cpu'>;

/** URL of a module. It is not in `asset-urls.ts`, so that bundlers do not copy it for pages that use only the engine. */
function trainingModule(module: TrainingModule): URL {
  return module === 'train'
    ? new URL('../wasm/train/tonearm_web_bg.wasm', import.meta.url)
    : new URL('../wasm/webgpu/tonearm_web_bg.wasm', import.meta.url);
}

/**
 * Trains classifiers on your own classes, in a separate worker.
 *
 * The client has no state: pass the project to each call, and store the results yourself. Nothing is downloaded before
 * the first call.
 */
export class TrainingClient {
  readonly #assets: Assets<TrainingModule>;
  readonly #decode: Platform['decode'];
  readonly #holder: WorkerHolder<WorkerLink>;
  /** Number of active runs. */
  #runs = 0;

  constructor(options?: AssetOptions);
  /** @internal */
  constructor(options: AssetOptions, platform: Platform);
  constructor(options: AssetOptions = {}, { read, decode }: Platform = browser) {
    this.#assets = new Assets(options, trainingModule, read);
    this.#decode = decode;
    this.#holder = new WorkerHolder(this.#assets.url('worker'), (link, backend) => this.#load(link, backend));
  }

  /**
   * Returns the default settings of a recipe.
   *
   * # Errors
   * Rejects with a {@link TonearmError} if the program cannot be downloaded.
   */
  settings(recipe: RecipeName, effort: Effort): Promise<TrainSettings> {
    return this.#request<'settings'>({ type: 'settings', recipe, effort });
  }

  /**
   * Decodes a file and computes its features.
   *
   * # Errors
   * Rejects with a {@link TonearmError} if the file is empty, damaged, silent or too short.
   */
  async features(source: Source, signal?: AbortSignal): Promise<FileFeaturesResult> {
    const extract = async (): Promise<FileFeaturesResult> => {
      signal?.throwIfAborted();
      const link = await unlessAborted(this.#holder.load('cpu'), signal);
      const { samples, notes, artist } = await this.#decode(source, signal);
      signal?.throwIfAborted();
      const seconds = secondsOf(samples);
      const features = await link.request<'features'>(
        { type: 'features', ...samples },
        {
          timeoutSeconds: TIMEOUT_SECONDS.short + seconds * FEATURES_TIMEOUT_SECONDS,
          transfer: [...new Set(samples.channels.map((channel) => channel.buffer))],
        },
      );
      return { features, seconds, artist, notes };
    };
    return this.#withTonearmErrors(() => this.#retryOnce(extract), errorTexts.refused.advice);
  }

  /**
   * Trains on a project. If the worker is lost, it is replaced and the run resumes from its last epoch.
   *
   * # Errors
   * The run's {@link TrainRun.done | promise} rejects.
   */
  train(project: ProjectContent, settings: TrainSettings, options: TrainOptions = {}): TrainRun {
    const workerRun = new WorkerRun({ holder: this.#holder, baseWeights: () => this.#assets.weights(), project, settings, options });
    const run = async (): Promise<TrainOutcome> => {
      this.#runs++;
      try {
        return await workerRun.trainOn(await this.#choose(options.backend ?? 'auto', project, settings, options.signal));
      } catch (thrown) {
        options.signal?.throwIfAborted();
        throw thrown;
      } finally {
        this.#runs--;
      }
    };
    return {
      done: this.#withTonearmErrors(run),
      pause: () => workerRun.control('pause'),
      resume: () => workerRun.control('resume'),
      stop: () => workerRun.control('stop'),
    };
  }

  /**
   * Packs a project, its settings and its weights into a zip file.
   *
   * # Errors
   * Rejects with a {@link TonearmError} if files, classes and features are inconsistent.
   */
  pack(project: ProjectContent, settings: TrainSettings | null, weights: Uint8Array | null): Promise<Uint8Array> {
    return this.#request<'pack'>({ type: 'pack', project, settings, weights });
  }

  /**
   * Unpacks a project's zip file.
   *
   * # Errors
   * Rejects with a {@link TonearmError} if the file is damaged, exceeds the limits, or is of a newer version.
   */
  async unpack(zip: Blob): Promise<Unpacked> {
    return this.#request<'unpack'>({ type: 'unpack', zip: new Uint8Array(await zip.arrayBuffer()) });
  }

  /** Ends the worker and frees its memory. Pending calls reject. */
  close() {
    this.#holder.close();
  }

  /** Chooses the device for a run. */
  async #choose(requested: BackendChoice, project: ProjectContent, settings: TrainSettings, signal?: AbortSignal): Promise<TrainDevice> {
    const cpu: TrainDevice = { backend: 'cpu', fallback: null };
    const gpu: TrainDevice = { backend: 'webgpu', fallback: null };
    if (requested === 'cpu') return cpu;
    if (!(await hasAdapter())) return requested === 'webgpu' ? { ...cpu, fallback: { code: 'gpu-absent', detail: '' } } : cpu;
    if (requested === 'webgpu') return gpu;
    const task = { project, settings, base: await unlessAborted(this.#assets.weights(), signal) };
    const benchmark = async (backend: Backend, timeoutSeconds: number) => {
      const link = await unlessAborted(this.#holder.load(backend), signal);
      return { link, ...(await link.request<'benchmark'>({ type: 'benchmark', task: { ...task, backend } }, { timeoutSeconds, signal })) };
    };
    const onCpu = await this.#retryOnce(() => benchmark('cpu', TIMEOUT_SECONDS.train));
    if (onCpu.stepSeconds * onCpu.nSteps < MIN_CPU_SECONDS) return cpu;
    try {
      const onGpu = await attributeToGpu('webgpu', () => benchmark('webgpu', TIMEOUT_SECONDS.short));
      if (onGpu.stepSeconds < onCpu.stepSeconds) return gpu;
      // If the unused device were lost later, the worker would be lost with it.
      onGpu.link.end();
    } catch (thrown) {
      // A GPU that fails or times out is not faster. It was not requested explicitly, so this is not reported.
      if (!(thrown instanceof GpuFailed) || this.#holder.closed) throw thrown;
    }
    return cpu;
  }

  /** Loads the training module of a backend into a worker. */
  async #load(link: WorkerLink, backend: Backend): Promise<WorkerLink> {
    await requireWorker(backend, link);
    const module = await moduleFor(backend, this.#assets.module(backend === 'cpu' ? 'train' : 'webgpu'));
    await link.request<'load-trainer'>({ type: 'load-trainer', backend, module }, { timeoutSeconds: TIMEOUT_SECONDS.short });
    return link;
  }

  #request<T extends TrainingRequest['type']>(body: Extract<RequestBody, { type: T }>): Promise<Results[T]> {
    // During a run, the request waits until the worker has finished the current step.
    const timeoutSeconds = this.#runs > 0 ? TIMEOUT_SECONDS.train : TIMEOUT_SECONDS.short;
    const send = async () => (await this.#holder.load('cpu')).request<T>(body, { timeoutSeconds });
    return this.#withTonearmErrors(() => this.#retryOnce(send));
  }

  #retryOnce<T>(action: () => Promise<T>): Promise<T> {
    return retryOnce(action, () => this.#holder.closed);
  }

  /** Runs an action and converts its errors to {@link TonearmError}, those of the core with this advice. Aborts keep their reason. */
  async #withTonearmErrors<T>(action: () => Promise<T>, advice: string = projectAdvice): Promise<T> {
    try {
      return await action();
    } catch (thrown) {
      if (this.#holder.closed) throw knownError('closed');
      if (thrown instanceof TonearmError || thrown instanceof DOMException) throw thrown;
      if (thrown instanceof WorkerLost) throw knownError('worker');
      throw coreError('refused', thrown, advice);
    }
  }
}

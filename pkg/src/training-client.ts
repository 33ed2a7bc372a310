import { Assets } from './runtime/assets.js';
import { decode, secondsOf } from './audio/decode.js';
import { DeviceFailed, blamingGpu, moduleFor, needsWorker } from './runtime/device-failed.js';
import { messageOf, refusal, trouble } from './runtime/errors.js';
import { hasAdapter } from './runtime/gpu.js';
import type {
  Effort,
  FileFeatures,
  ProjectContent,
  RecipeName,
  TrainResult,
  TrainSettings,
} from './project-types.js';
import type { Answers, Question, TrainingRequest, TrainProgress, Unpacked, Wish } from './worker/protocol.js';
import { unlessAborted } from './runtime/stall-deadline.js';
import { texts } from './text/texts.js';
import { type AssetOptions, type Backend, type BackendChoice, type ModuleName, type Source, TonearmError } from './types.js';
import { WorkerHolder } from './runtime/worker-holder.js';
import { type WorkerLink, WorkerLost, retryOnce } from './runtime/worker-link.js';

/** Longest silence of the worker, in seconds. */
const PATIENCE = { short: 60, train: 600 };

/** Seconds that a run takes on the CPU from which the graphics card is worth its download. */
const WORTH_SECONDS = 20;

/** More of it for the features of a file, in seconds per second of audio. */
const PATIENCE_TO_HEAR = 0.5;

/** What is kept of a file, and what its header says. */
export interface FileFeaturesResult {
  /** What the networks read of it. */
  features: FileFeatures;
  /** Length of the audio. */
  seconds: number;
  /** Who made it, if the file says so. */
  artist: string | null;
  /** Sentences that a person should know, such as an unreadable sample rate. */
  notes: string[];
}

/** What a run made. */
export interface TrainOutcome {
  /** A weights file like every other. */
  weights: Uint8Array;
  /** How good it is. */
  report: TrainResult;
}

/** What trains. */
export interface TrainDevice {
  /** The processor or the graphics card. */
  backend: Backend;
  /** Why the CPU trains although the graphics card was to, as a sentence; null otherwise. */
  fallback: string | null;
}

/** What a run is told, and tells. */
export interface TrainOptions {
  /** Gives the run up; its promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** What is to train. Default: `auto`, which takes the graphics card where the run is long enough and it is faster. */
  backend?: BackendChoice;
  /** Told when it is known what trains, and again when the graphics card fails. */
  onDevice?: (device: TrainDevice) => void;
  /** Told what the run is at, each epoch included; of steps, about ten times a second. */
  onProgress?: (progress: TrainProgress) => void;
  /** What the latest epoch of a run that broke off left; it goes on from there. */
  state?: Uint8Array | null;
  /** Command for the card that repeats the run. */
  command?: string;
}

/** A run that is going on. */
export interface TrainRun {
  /**
   * Rejects with a {@link TonearmError} if too little is there to learn from, or the worker is lost
   * twice without an epoch between.
   */
  done: Promise<TrainOutcome>;
  /** Stops after the step that it is at; the worker goes on holding it. */
  pause(): void;
  /** Goes on after a pause. */
  resume(): void;
  /** Ends it as soon as there is an epoch to keep; the best so far is kept, and `done` resolves with it. */
  stop(): void;
}

/** The modules that train. */
type TrainingModule = Exclude<ModuleName, 'cpu'>;

/** Where they are; here, so that who only asks for answers has no copy of them. */
function trainingModule(module: TrainingModule): URL {
  return module === 'train'
    ? new URL('../wasm/train/tonearm_web_bg.wasm', import.meta.url)
    : new URL('../wasm/webgpu/tonearm_web_bg.wasm', import.meta.url);
}

/**
 * Teaches classes of one's own, in a worker of its own.
 *
 * It keeps nothing: projects go in with each call, and what comes out is the caller's to keep.
 * Nothing is fetched before the first call.
 */
export class TrainingClient {
  readonly #assets: Assets<TrainingModule>;
  readonly #holder: WorkerHolder<WorkerLink>;
  /** Runs that go on. */
  #runs = 0;

  constructor(options: AssetOptions = {}) {
    this.#assets = new Assets(options, trainingModule);
    this.#holder = new WorkerHolder(this.#assets.address('worker'), (link, backend) => this.#load(link, backend));
  }

  /**
   * The settings of a recipe that need no touching.
   *
   * # Errors
   * Rejects with a {@link TonearmError} if the program cannot be had.
   */
  settings(recipe: RecipeName, effort: Effort): Promise<TrainSettings> {
    return this.#ask<'settings'>({ type: 'settings', recipe, effort });
  }

  /**
   * Decodes a file and computes what is kept of it.
   *
   * # Errors
   * Rejects with a {@link TonearmError} for an empty, broken, silent or too short file.
   */
  async features(source: Source, signal?: AbortSignal): Promise<FileFeaturesResult> {
    const hear = async (): Promise<FileFeaturesResult> => {
      signal?.throwIfAborted();
      const link = await unlessAborted(this.#holder.load('cpu'), signal);
      const { samples, notes, artist } = await decode(source, signal);
      signal?.throwIfAborted();
      const seconds = secondsOf(samples);
      const features = await link.request<'features'>(
        { type: 'features', ...samples },
        {
          patience: PATIENCE.short + seconds * PATIENCE_TO_HEAR,
          transfer: [...new Set(samples.channels.map((channel) => channel.buffer))],
        },
      );
      return { features, seconds, artist, notes };
    };
    return this.#presenting(() => this.#retryOnce(hear));
  }

  /**
   * Trains on a project. A worker that is lost is replaced, and the run goes on from its latest epoch.
   *
   * # Errors
   * Those of the run's {@link TrainRun.done | promise}.
   */
  train(project: ProjectContent, settings: TrainSettings, options: TrainOptions = {}): TrainRun {
    let wish: Wish | undefined;
    /** The latest attempt. */
    let asked: { link: WorkerLink; run: number } | undefined;
    const steer = (next: Wish) => {
      wish = next;
      if (!asked?.link.alive) return;
      const question = { type: 'steer', run: asked.run, wish: next } as const;
      void asked.link.request<'steer'>(question, { patience: PATIENCE.train }).catch(() => undefined);
    };
    let state = options.state ?? null;
    let epochs = 0;
    let link: WorkerLink | undefined;
    const attempt = async (device: TrainDevice): Promise<TrainOutcome> => {
      const { backend } = device;
      const present = (link = await unlessAborted(this.#holder.load(backend), options.signal));
      const base = await unlessAborted(this.#assets.weights(), options.signal);
      const question = {
        type: 'train',
        task: { backend, project, settings, base },
        state,
        date: new Date().toISOString().slice(0, 10),
        command: options.command ?? '',
      } as const;
      return present.request<'train'>(question, {
        patience: PATIENCE.train,
        signal: options.signal,
        onSent: (run) => {
          asked = { link: present, run };
          if (wish) steer(wish);
        },
        onProgress: (progress) => {
          tell(device);
          if (progress.kind === 'epochs') {
            state = progress.state ?? state;
            epochs += progress.epochs.length;
          }
          options.onProgress?.(progress);
        },
      });
    };
    /** Only when it has begun: what another device refuses as well was no fault of the first. */
    let told: TrainDevice | undefined;
    const tell = (device: TrainDevice) => {
      if (told !== device) options.onDevice?.((told = device));
    };
    /** On the CPU: again as long as there is an epoch between two losses of the worker. */
    const onCpu = async (device: TrainDevice): Promise<TrainOutcome> => {
      for (;;) {
        const before = epochs;
        try {
          return await this.#retryOnce(() => attempt(device));
        } catch (thrown) {
          if (!(thrown instanceof WorkerLost) || this.#holder.closed || epochs === before) throw thrown;
        }
      }
    };
    const run = async (): Promise<TrainOutcome> => {
      this.#runs++;
      try {
        const device = await this.#choose(options.backend ?? 'auto', project, settings, options.signal);
        if (device.backend === 'cpu') return await onCpu(device);
        try {
          return await blamingGpu('webgpu', () => attempt(device));
        } catch (thrown) {
          if (!(thrown instanceof DeviceFailed) || this.#holder.closed) throw thrown;
          // The worker goes with its device.
          link?.end();
          return await onCpu({ backend: 'cpu', fallback: texts.trainGpuFailed(thrown.message) });
        }
      } catch (thrown) {
        options.signal?.throwIfAborted();
        throw thrown;
      } finally {
        this.#runs--;
      }
    };
    return {
      done: this.#presenting(run),
      pause: () => steer('pause'),
      resume: () => steer('resume'),
      stop: () => steer('stop'),
    };
  }

  /**
   * Packs a project, its settings and what they made as one zip.
   *
   * # Errors
   * Rejects with a {@link TonearmError} if files, classes and features do not agree.
   */
  pack(project: ProjectContent, settings: TrainSettings | null, weights: Uint8Array | null): Promise<Uint8Array> {
    return this.#ask<'pack'>({ type: 'pack', project, settings, weights });
  }

  /**
   * Unpacks a project's zip.
   *
   * # Errors
   * Rejects with a {@link TonearmError} if it is broken, hostile or newer.
   */
  async unpack(zip: Blob): Promise<Unpacked> {
    return this.#ask<'unpack'>({ type: 'unpack', zip: new Uint8Array(await zip.arrayBuffer()) });
  }

  /** Ends the worker and frees what it held; what has no answer yet rejects. */
  close() {
    this.#holder.close();
  }

  /** Decides what trains a run. */
  async #choose(wanted: BackendChoice, project: ProjectContent, settings: TrainSettings, signal?: AbortSignal): Promise<TrainDevice> {
    const cpu: TrainDevice = { backend: 'cpu', fallback: null };
    const gpu: TrainDevice = { backend: 'webgpu', fallback: null };
    if (wanted === 'cpu') return cpu;
    if (!(await hasAdapter())) return wanted === 'webgpu' ? { ...cpu, fallback: texts.trainGpuAbsent } : cpu;
    if (wanted === 'webgpu') return gpu;
    const task = { project, settings, base: await unlessAborted(this.#assets.weights(), signal) };
    const timed = async (backend: Backend, patience: number) => {
      const link = await unlessAborted(this.#holder.load(backend), signal);
      return { link, ...(await link.request<'pace'>({ type: 'pace', task: { ...task, backend } }, { patience, signal })) };
    };
    const here = await this.#retryOnce(() => timed('cpu', PATIENCE.train));
    if (here.seconds * here.pieces < WORTH_SECONDS) return cpu;
    try {
      const there = await blamingGpu('webgpu', () => timed('webgpu', PATIENCE.short));
      if (there.seconds < here.seconds) return gpu;
      // A device that nobody uses could still be lost.
      there.link.end();
    } catch (thrown) {
      // Nobody asked for it; one that fails, or takes longer than anybody waits, is not the faster.
      if (!(thrown instanceof DeviceFailed) || this.#holder.closed) throw thrown;
    }
    return cpu;
  }

  /** Loads a backend's module that trains. */
  async #load(link: WorkerLink, backend: Backend): Promise<WorkerLink> {
    await needsWorker(backend, link);
    const module = await moduleFor(backend, this.#assets.module(backend === 'cpu' ? 'train' : 'webgpu'));
    await link.request<'load-trainer'>({ type: 'load-trainer', backend, module }, { patience: PATIENCE.short });
    return link;
  }

  #ask<T extends TrainingRequest['type']>(question: Extract<Question, { type: T }>): Promise<Answers[T]> {
    // While a run goes on, it waits for a piece of that.
    const patience = this.#runs > 0 ? PATIENCE.train : PATIENCE.short;
    const ask = async () => (await this.#holder.load('cpu')).request<T>(question, { patience });
    return this.#presenting(() => this.#retryOnce(ask));
  }

  #retryOnce<T>(action: () => Promise<T>): Promise<T> {
    return retryOnce(action, () => this.#holder.closed);
  }

  /** Turns what is thrown into errors with a sentence. */
  async #presenting<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (thrown) {
      if (this.#holder.closed) throw trouble('closed');
      if (thrown instanceof TonearmError || thrown instanceof DOMException) throw thrown;
      if (thrown instanceof WorkerLost) throw trouble('worker');
      throw refusal('refused', messageOf(thrown));
    }
  }
}

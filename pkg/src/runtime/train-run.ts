import { GpuFailed, attributeToGpu } from './gpu-failed.js';
import type { ProjectContent, TrainResult, TrainSettings } from '../project-types.js';
import { unlessAborted } from './stall-deadline.js';
import type { Backend, BackendChoice, Fallback } from '../types.js';
import type { RunAction, TrainProgress } from '../worker/protocol.js';
import type { WorkerHolder } from './worker-holder.js';
import { type WorkerLink, WorkerLost, retryOnce } from './worker-link.js';

/** Seconds without a message after which a worker that trains counts as hung. */
export const TRAIN_TIMEOUT_SECONDS = 600;

/** Result of a training run. */
export interface TrainOutcome {
  /** Weights file of the trained classifier. */
  weights: Uint8Array;
  /** Metrics of the run and the predictions on validation files. */
  report: TrainResult;
}

/** The device that trains. */
export interface TrainDevice {
  /** CPU or GPU. */
  backend: Backend;
  /** Why the CPU is used although the GPU was requested or chosen; null otherwise. */
  fallback: Fallback | null;
}

/** Options of a training run. */
export interface TrainOptions {
  /** Cancels the run. Its promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Device to train on. Default: `auto`, which uses the GPU if the run is long and a short benchmark shows that the GPU is faster. */
  backend?: BackendChoice;
  /** Called when training starts on a device, and again when the CPU takes over from a GPU that failed. */
  onDevice?: (device: TrainDevice) => void;
  /** Called with the progress. Every epoch is reported; steps are reported about ten times per second. */
  onProgress?: (progress: TrainProgress) => void;
  /** State of an interrupted run, from its last `epochs` event, to resume from. */
  state?: Uint8Array | null;
  /** Command for the model card that repeats the run. */
  command?: string;
}

/** A training run in progress. */
export interface TrainRun {
  /**
   * Resolves when the run has ended. Rejects with a `TonearmError` if the project has too few files, or if the
   * worker is lost twice within one epoch.
   */
  done: Promise<TrainOutcome>;
  /** Pauses the run after the current step. The worker keeps it in memory. */
  pause(): void;
  /** Resumes a paused run. */
  resume(): void;
  /** Ends the run as soon as there is an epoch to keep. `done` then resolves with the best epoch so far. */
  stop(): void;
}

/** What a run trains, and the worker that it uses. */
interface RunParts {
  holder: WorkerHolder<WorkerLink>;
  /** Returns the weights file that transfer learning starts from. */
  baseWeights: () => Promise<Uint8Array>;
  project: ProjectContent;
  settings: TrainSettings;
  options: TrainOptions;
}

/** A training run in a worker. If the worker is lost or the GPU fails, the run resumes from its last epoch. */
export class WorkerRun {
  readonly #parts: RunParts;
  /** State of the last epoch; null before the first one. */
  #state: Uint8Array | null;
  #nEpochs = 0;
  /** Worker of the current attempt, or of the latest one. */
  #link: WorkerLink | undefined;
  /** Worker and request of the current attempt, once the request was sent. */
  #sent: { link: WorkerLink; run: number } | undefined;
  #lastAction: RunAction | undefined;
  #reportedDevice: TrainDevice | undefined;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#state = parts.options.state ?? null;
  }

  /** Pauses, resumes or stops the run. */
  control(action: RunAction) {
    this.#lastAction = action;
    if (!this.#sent?.link.alive) return;
    const request = { type: 'control', run: this.#sent.run, action } as const;
    void this.#sent.link.request<'control'>(request, { timeoutSeconds: TRAIN_TIMEOUT_SECONDS }).catch(() => undefined);
  }

  /** Trains on a device, or on the CPU if that device is a GPU that fails. */
  async trainOn(device: TrainDevice): Promise<TrainOutcome> {
    if (device.backend === 'cpu') return this.#trainOnCpu(device);
    try {
      return await attributeToGpu('webgpu', () => this.#attempt(device));
    } catch (thrown) {
      if (!(thrown instanceof GpuFailed) || this.#parts.holder.closed) throw thrown;
      // A GPU that hangs would block the worker, too.
      this.#link?.end();
      return this.#trainOnCpu({ backend: 'cpu', fallback: thrown.fallback });
    }
  }

  /** Retries on the CPU as long as at least one epoch ends between two losses of the worker. */
  async #trainOnCpu(device: TrainDevice): Promise<TrainOutcome> {
    const { holder } = this.#parts;
    for (;;) {
      const before = this.#nEpochs;
      try {
        return await retryOnce(() => this.#attempt(device), () => holder.closed);
      } catch (thrown) {
        if (!(thrown instanceof WorkerLost) || holder.closed || this.#nEpochs === before) throw thrown;
      }
    }
  }

  async #attempt(device: TrainDevice): Promise<TrainOutcome> {
    const { holder, baseWeights, project, settings, options } = this.#parts;
    const { signal, command = '' } = options;
    const { backend } = device;
    const link = (this.#link = await unlessAborted(holder.load(backend), signal));
    const base = await unlessAborted(baseWeights(), signal);
    const request = {
      type: 'train',
      task: { backend, project, settings, base },
      state: this.#state,
      date: new Date().toISOString().slice(0, 10),
      command,
    } as const;
    return link.request<'train'>(request, {
      timeoutSeconds: TRAIN_TIMEOUT_SECONDS,
      signal,
      onSent: (run) => {
        this.#sent = { link, run };
        if (this.#lastAction) this.control(this.#lastAction);
      },
      onProgress: (progress) => {
        this.#reportDevice(device);
        if (progress.kind === 'epochs') {
          this.#state = progress.state ?? this.#state;
          this.#nEpochs += progress.epochs.length;
        }
        options.onProgress?.(progress);
      },
    });
  }

  /** Called when training has begun, since an error before that can have its cause in the project, not the device. */
  #reportDevice(device: TrainDevice) {
    if (this.#reportedDevice === device) return;
    this.#reportedDevice = device;
    this.#parts.options.onDevice?.(device);
  }
}

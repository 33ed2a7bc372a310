import type { BackendChoice, TrainingClient, TrainDevice, TrainProgress, TrainRun } from 'tonearm';
import type { ProjectContent, TrainSettings } from 'tonearm/project';
import type { RunFallback, RunFile, RunRecord } from '../store/records.js';
import type { Store } from '../store/store.js';
import { errorMessage } from '../../shared/error-message.js';
import { texts } from '../../texts/texts.js';

/** Milliseconds between two saves of a run. Its last epochs are saved when it ends or pauses. */
export const SAVE_INTERVAL = 1000;

/** Progress of the active run. */
export interface LiveRun {
  record: RunRecord;
  /** Fraction of the files that were embedded before training starts. */
  embedded: number;
  /** Steps since the latest epoch, and steps per epoch; 0 until the first step is reported. */
  step: number;
  steps: number;
  /** Fraction of the rows that the network evaluated since its latest step. */
  evaluated: number;
  windowsPerSecond: number;
  paused: boolean;
  /** Why the latest save failed, as a message for the user, or null if it succeeded. */
  error: string | null;
  /** Time from which epochs are timed, in milliseconds of `performance.now()`. */
  timedFrom: number;
  /** Number of epochs before that time. */
  untimedEpochs: number;
}

/** What `Training` needs from the project. */
export interface TrainingHost {
  readonly store: Store;
  readonly client: TrainingClient;
  changed(): void;
  /** Called when the run has ended. If it failed, `error` is what it threw. */
  ended(record: RunRecord, error: unknown): Promise<void>;
}

/** Runs one training at a time and saves its progress, so that a crash loses at most a second or two. */
export class Training {
  readonly #host: TrainingHost;
  #run: TrainRun | undefined;
  /** The user's latest request, which may come before `#run` exists. */
  #request: 'pause' | 'stop' | undefined;
  #savedAt = 0;
  #saving: Promise<void> = Promise.resolve();
  #closed = false;
  live: LiveRun | null = null;

  constructor(host: TrainingHost) {
    this.#host = host;
  }

  /** Starts a run, or resumes it if it has a checkpoint. Resolves when the run has ended. */
  async start(record: RunRecord, content: ProjectContent, backend: BackendChoice) {
    this.#request = undefined;
    const progress = { embedded: 0, step: 0, steps: 0, evaluated: 0, windowsPerSecond: 0, paused: false };
    this.live = { record, ...progress, error: null, timedFrom: performance.now(), untimedEpochs: record.epochs.length };
    // A resumed run may have the outcome of an earlier attempt.
    Object.assign(record, { status: 'running', finishedAt: null });
    this.#host.changed();
    let error: unknown;
    try {
      await this.#host.store.saveRun(record);
      this.#run = this.#host.client.train(content, record.settings, {
        state: record.checkpoint,
        backend,
        onDevice: (device) => this.#onDevice(record, device),
        onProgress: (progress) => this.#progress(record, progress),
        command: commandOf(content.name),
      });
      this.#sendRequest();
      const { weights, report } = await this.#run.done;
      Object.assign(record, { weights, result: report, checkpoint: null, status: this.#request === 'stop' ? 'stopped' : 'done' });
    } catch (thrown) {
      // After `close`, the stored record stays as it is, so that the run can be resumed.
      if (this.#closed) return;
      record.status = 'failed';
      error = thrown;
    }
    record.finishedAt = Date.now();
    this.#run = undefined;
    this.live = null;
    await this.#saving;
    await this.#host.ended(record, error);
    this.#host.changed();
  }

  pause() {
    this.#request = 'pause';
    this.#sendRequest();
  }

  resume() {
    this.#request = undefined;
    this.#run?.resume();
    if (this.live) this.live.paused = false;
    this.#host.changed();
  }

  /** Ends the run and keeps its best epoch. */
  stop() {
    this.#request = 'stop';
    this.#sendRequest();
  }

  #sendRequest() {
    if (this.#request) this.#run?.[this.#request]();
  }

  /** Leaves the run as it was last saved. */
  close() {
    this.#closed = true;
  }

  #onDevice(record: RunRecord, { backend, fallback }: TrainDevice) {
    // A run that is resumed on the CPU keeps its reason for using the CPU.
    Object.assign(record, { backend, fallback: fallback ?? (backend === 'cpu' ? record.fallback : null) });
    if (this.live?.record === record) this.#beginTiming(this.live);
    this.#save(record);
    this.#host.changed();
  }

  /** Restarts the timing of epochs, because earlier epochs do not predict the pace of the next ones. */
  #beginTiming(live: LiveRun) {
    Object.assign(live, { timedFrom: performance.now(), untimedEpochs: live.record.epochs.length });
  }

  #progress(record: RunRecord, progress: TrainProgress) {
    const { live } = this;
    if (live?.record !== record) return;
    switch (progress.kind) {
      case 'embedded':
        live.embedded = progress.done / progress.of;
        this.#beginTiming(live);
        break;
      case 'trained':
        Object.assign(live, { step: progress.step, steps: progress.of, windowsPerSecond: progress.windowsPerSecond, evaluated: 0 });
        live.paused = false;
        break;
      case 'evaluated':
        live.evaluated = progress.done / progress.of;
        live.paused = false;
        break;
      case 'epochs':
        live.record.epochs = [...live.record.epochs, ...progress.epochs];
        live.step = 0;
        if (progress.state) live.record.checkpoint = progress.state;
        live.paused = false;
        if (performance.now() - this.#savedAt > SAVE_INTERVAL) this.#save(live.record);
        break;
      case 'paused':
        if (live.paused) return;
        live.paused = true;
        this.#save(live.record);
    }
    this.#host.changed();
  }

  #save(record: RunRecord) {
    this.#savedAt = performance.now();
    const { live } = this;
    const status = live?.paused ? 'paused' : 'running';
    // A failed save does not end the run; the next save may succeed.
    const save = async () => {
      const error = await this.#host.store.saveRun({ ...record, status }).then(() => null, errorMessage);
      if (!live || live.error === error) return;
      live.error = error;
      this.#host.changed();
    };
    this.#saving = this.#saving.then(save);
  }
}

/** Whether all epochs are done and the network is being evaluated. */
export function isEvaluating({ record }: LiveRun): boolean {
  const latest = record.epochs.at(-1);
  return latest !== undefined && latest.fold === latest.nFolds && latest.epoch === latest.epochs;
}

/** Estimated seconds until a run ends, or undefined before the first timed epoch. */
export function secondsLeft({ record, timedFrom, untimedEpochs }: LiveRun, now: number): number | undefined {
  const latest = record.epochs.at(-1);
  const done = record.epochs.length - untimedEpochs;
  if (!latest || done < 1) return undefined;
  const left = (latest.nFolds - latest.fold + 1) * latest.epochs - latest.epoch;
  return ((now - timedFrom) / 1000 / done) * left;
}

/** Creates the record of a run that has not started. */
export function newRun(projectId: string, settings: TrainSettings, files: RunFile[], wanted: BackendChoice): RunRecord {
  return {
    id: crypto.randomUUID(),
    projectId,
    startedAt: Date.now(),
    finishedAt: null,
    settings,
    wanted,
    backend: 'cpu',
    fallback: null,
    status: 'running',
    epochs: [],
    files,
    result: null,
    weights: null,
    checkpoint: null,
  };
}

/** The command that reruns a training from the project's zip. */
function commandOf(project: string): string {
  const name = fileNameOf(project);
  return `tonearm train --project ${name}.zip --out ${name}.bpk`;
}

/** Converts a project name to a file name that is valid on every system. */
export function fileNameOf(name: string): string {
  return name.normalize('NFKD').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').toLowerCase() || 'project';
}

/** Why a run uses the CPU, as a sentence. */
export function fallbackText(fallback: RunFallback | string): string {
  return typeof fallback === 'string' ? fallback : texts.train.fallbacks[fallback.code](fallback.detail);
}

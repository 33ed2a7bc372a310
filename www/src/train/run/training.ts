import { type BackendChoice, type TrainingClient, type TrainDevice, type TrainProgress, type TrainRun, TonearmError } from 'tonearm';
import type { ProjectContent, TrainSettings } from 'tonearm/project';
import type { RunFile, RunRecord } from '../store/records.js';
import type { Store } from '../store/store.js';

/** Milliseconds between two saves of a run; its last epochs are saved when it ends or waits. */
const SAVE_EVERY = 1000;

/** What a run is at, beside its record. */
export interface LiveRun {
  record: RunRecord;
  /** Share of the files heard, until training starts. */
  embedded: number;
  /** Steps since the latest epoch, and how many make one; 0 before they are told. */
  step: number;
  steps: number;
  /** Share of the rows that the network answered for since its latest step. */
  answered: number;
  windowsPerSecond: number;
  paused: boolean;
  /** Why its latest save failed, as a sentence; null if it did not. */
  trouble: string | null;
  /** Since when its epochs are timed, in ms. */
  since: number;
  /** Epochs before that. */
  before: number;
}

/** What training needs of the project. */
export interface TrainingHost {
  readonly store: Store;
  readonly client: TrainingClient;
  changed(): void;
  /** The run is over, in whatever way. */
  ended(record: RunRecord): Promise<void>;
}

/** The run that is going on, if there is one: every epoch is kept, so that a crash loses seconds. */
export class Training {
  readonly #host: TrainingHost;
  #run: TrainRun | undefined;
  /** What a person wishes of the run. */
  #wish: 'pause' | 'stop' | undefined;
  #saved = 0;
  #saving: Promise<void> = Promise.resolve();
  #closed = false;
  live: LiveRun | null = null;

  constructor(host: TrainingHost) {
    this.#host = host;
  }

  /** Starts a run, or goes on with one that broke off. */
  async start(record: RunRecord, content: ProjectContent, backend: BackendChoice) {
    this.#wish = undefined;
    this.live = { record, embedded: 0, step: 0, steps: 0, answered: 0, windowsPerSecond: 0, paused: false, trouble: null, since: performance.now(), before: record.epochs.length };
    // Of a run that goes on, what ended it before no longer counts.
    Object.assign(record, { status: 'running', finishedAt: null, message: null });
    this.#host.changed();
    try {
      await this.#host.store.saveRun(record);
      this.#run = this.#host.client.train(content, record.settings, {
        state: record.checkpoint,
        backend,
        onDevice: (device) => this.#onDevice(record, device),
        onProgress: (progress) => this.#progress(record, progress),
        command: commandOf(content.name),
      });
      this.#tellWish();
      const { weights, report } = await this.#run.done;
      Object.assign(record, { weights, result: report, checkpoint: null, status: this.#wish === 'stop' ? 'stopped' : 'done' });
    } catch (thrown) {
      // Whoever leaves finds it as it was last kept, and may go on.
      if (this.#closed) return;
      Object.assign(record, { status: 'failed', message: sentenceOf(thrown) });
    }
    record.finishedAt = Date.now();
    this.#run = undefined;
    this.live = null;
    await this.#saving;
    await this.#host.ended(record);
    this.#host.changed();
  }

  pause() {
    this.#wish = 'pause';
    this.#tellWish();
  }

  resume() {
    this.#wish = undefined;
    this.#run?.resume();
    if (this.live) this.live.paused = false;
    this.#host.changed();
  }

  /** Ends the run; its best epoch is kept. */
  stop() {
    this.#wish = 'stop';
    this.#tellWish();
  }

  #tellWish() {
    if (this.#wish) this.#run?.[this.#wish]();
  }

  /** Leaves the run as it was last kept. */
  close() {
    this.#closed = true;
  }

  #onDevice(record: RunRecord, { backend, fallback }: TrainDevice) {
    // Why it came to the CPU holds for a run that goes on there.
    Object.assign(record, { backend, fallback: fallback ?? (backend === 'cpu' ? record.fallback : null) });
    if (this.live?.record === record) this.#beginTiming(this.live);
    this.#save(record);
    this.#host.changed();
  }

  /** What was before says nothing of how long the rest takes. */
  #beginTiming(live: LiveRun) {
    Object.assign(live, { since: performance.now(), before: live.record.epochs.length });
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
        Object.assign(live, { step: progress.step, steps: progress.of, windowsPerSecond: progress.windowsPerSecond, answered: 0 });
        live.paused = false;
        break;
      case 'answered':
        live.answered = progress.done / progress.of;
        live.paused = false;
        break;
      case 'epochs':
        live.record.epochs = [...live.record.epochs, ...progress.epochs];
        live.step = 0;
        if (progress.state) live.record.checkpoint = progress.state;
        live.paused = false;
        if (performance.now() - this.#saved > SAVE_EVERY) this.#save(live.record);
        break;
      case 'paused':
        if (live.paused) return;
        live.paused = true;
        this.#save(live.record);
    }
    this.#host.changed();
  }

  #save(record: RunRecord) {
    this.#saved = performance.now();
    const { live } = this;
    const status = live?.paused ? 'paused' : 'running';
    // A run goes on, and is saved again, after a save that failed.
    const save = async () => {
      const trouble = await this.#host.store.saveRun({ ...record, status }).then(() => null, sentenceOf);
      if (!live || live.trouble === trouble) return;
      live.trouble = trouble;
      this.#host.changed();
    };
    this.#saving = this.#saving.then(save);
  }
}

/** Whether all epochs are done, and the network is measured and mapped. */
export function isMeasuring({ record }: LiveRun): boolean {
  const latest = record.epochs.at(-1);
  return latest !== undefined && latest.fold === latest.n_folds && latest.epoch === latest.epochs;
}

/** Seconds that a run will still take, by its pace; undefined before there is one. */
export function secondsLeft({ record, since, before }: LiveRun, now: number): number | undefined {
  const latest = record.epochs.at(-1);
  const done = record.epochs.length - before;
  if (!latest || done < 1) return undefined;
  const left = (latest.n_folds - latest.fold + 1) * latest.epochs - latest.epoch;
  return ((now - since) / 1000 / done) * left;
}

/** A run that has not begun. */
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
    message: null,
  };
}

/** The command that repeats a run from the project's zip. */
function commandOf(project: string): string {
  const name = fileNameOf(project);
  return `tonearm train --project ${name}.zip --out ${name}.bpk`;
}

/** A name that any system takes for a file. */
export function fileNameOf(name: string): string {
  return name.normalize('NFKD').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').toLowerCase() || 'project';
}

/** What went wrong and what to do about it, as a person reads it. */
export function sentenceOf(thrown: unknown): string {
  if (thrown instanceof TonearmError) return `${thrown.message} ${thrown.advice}`;
  return thrown instanceof Error ? thrown.message : String(thrown);
}

import { type AssetOptions, Assets } from './assets.js';
import { decode, secondsOf } from './decode.js';
import { messageOf, refusal, trouble } from './errors.js';
import type {
  Effort,
  FileFeatures,
  ProjectContent,
  RecipeName,
  TrainResult,
  TrainSettings,
} from './project-types.js';
import type { Answers, Question, StudioRequest, TrainProgress, Wish } from './protocol.js';
import { type Source, TonearmError } from './types.js';
import { WorkerLink, WorkerLost, twice } from './worker-link.js';

/** Longest silence of the worker, in seconds. */
const PATIENCE = { short: 60, train: 120 };

/** More of it for the features of a file, in seconds per second of audio. */
const PATIENCE_TO_HEAR = 0.5;

/** What is kept of a file, and what its header says. */
export interface HeardFile {
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
  report: TrainResult;
}

/** What a run is told, and tells. */
export interface TrainOptions {
  /** Gives the run up; its promise rejects with the signal's reason. */
  signal?: AbortSignal;
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
  resume(): void;
  /** Ends it; the best epoch so far is kept, and `done` resolves with it. */
  stop(): void;
}

/**
 * Teaches classes of one's own, in a worker of its own.
 *
 * It keeps nothing: projects go in with each call, and what comes out is the caller's to keep.
 * Nothing is fetched before the first call.
 */
export class Studio {
  readonly #assets: Assets;
  #link: WorkerLink | undefined;
  #ready: Promise<WorkerLink> | undefined;
  #closed = false;

  constructor(options: AssetOptions = {}) {
    this.#assets = new Assets(options);
  }

  /** The settings of a recipe that need no touching. */
  settings(recipe: RecipeName, effort: Effort): Promise<TrainSettings> {
    return this.#ask<'settings'>({ type: 'settings', recipe, effort });
  }

  /**
   * Decodes a file and computes what is kept of it.
   *
   * # Errors
   * Rejects with a {@link TonearmError} for an empty, broken, silent or too short file.
   */
  async features(source: Source, signal?: AbortSignal): Promise<HeardFile> {
    const hear = async (): Promise<HeardFile> => {
      signal?.throwIfAborted();
      const link = await this.#open();
      const { samples, notes, artist } = await decode(source);
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
    return this.#presenting(() => this.#twice(hear));
  }

  /** Trains on a project. A worker that is lost is replaced, and the run goes on from its latest epoch. */
  train(project: ProjectContent, settings: TrainSettings, options: TrainOptions = {}): TrainRun {
    let wish: Wish | undefined;
    let id: number | undefined;
    const steer = (next: Wish) => {
      wish = next;
      if (id === undefined || !this.#link?.alive) return;
      const question = { type: 'steer', run: id, wish: next } as const;
      void this.#link.request<'steer'>(question, { patience: PATIENCE.short }).catch(() => undefined);
    };
    let state = options.state ?? null;
    let epochs = 0;
    const attempt = async (): Promise<TrainOutcome> => {
      const link = await this.#open();
      const base = await this.#assets.weights();
      options.signal?.throwIfAborted();
      return link.request<'train'>(
        {
          type: 'train',
          project,
          settings,
          base,
          state,
          date: new Date().toISOString().slice(0, 10),
          command: options.command ?? '',
        },
        {
          patience: PATIENCE.train,
          signal: options.signal,
          onSent: (sent) => {
            id = sent;
            if (wish) steer(wish);
          },
          onProgress: (progress) => {
            if (progress.kind === 'epochs') {
              state = progress.state;
              epochs += progress.epochs.length;
            }
            options.onProgress?.(progress);
          },
        },
      );
    };
    const again = async (): Promise<TrainOutcome> => {
      for (;;) {
        const before = epochs;
        try {
          return await this.#twice(attempt);
        } catch (thrown) {
          if (!(thrown instanceof WorkerLost) || this.#closed || epochs === before) throw thrown;
        }
      }
    };
    return {
      done: this.#presenting(again),
      pause: () => steer('pause'),
      resume: () => steer('resume'),
      stop: () => steer('stop'),
    };
  }

  /** Packs a project, its settings and what they made as one zip. */
  pack(project: ProjectContent, settings: TrainSettings | null, weights: Uint8Array | null): Promise<Uint8Array> {
    return this.#ask<'pack'>({ type: 'pack', project, settings, weights });
  }

  /**
   * Unpacks a project's zip.
   *
   * # Errors
   * Rejects with a {@link TonearmError} if it is broken, hostile or newer.
   */
  async unpack(zip: Blob): Promise<Answers['unpack']> {
    return this.#ask<'unpack'>({ type: 'unpack', zip: new Uint8Array(await zip.arrayBuffer()) });
  }

  /** Ends the worker and frees what it held; what has no answer yet rejects. */
  close() {
    this.#closed = true;
    this.#link?.end();
  }

  /** The worker with the module that trains; another one if it was lost. */
  #open(): Promise<WorkerLink> {
    if (this.#closed) return Promise.reject(new WorkerLost('closed'));
    if (this.#ready && this.#link?.alive) return this.#ready;
    const link = new WorkerLink();
    this.#link = link;
    const ready = this.#assets.module('train').then(async (module) => {
      await link.request<'studio'>({ type: 'studio', module }, { patience: PATIENCE.short });
      return link;
    });
    this.#ready = ready;
    // What failed may be tried again.
    ready.catch(() => {
      if (this.#ready === ready) this.#ready = undefined;
    });
    return ready;
  }

  #ask<T extends StudioRequest['type']>(question: Extract<Question, { type: T }>): Promise<Answers[T]> {
    const ask = async () => (await this.#open()).request<T>(question, { patience: PATIENCE.short });
    return this.#presenting(() => this.#twice(ask));
  }

  #twice<T>(action: () => Promise<T>): Promise<T> {
    return twice(action, () => this.#closed);
  }

  /** Turns what is thrown into errors with a sentence. */
  async #presenting<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (thrown) {
      if (this.#closed) throw trouble('closed');
      if (thrown instanceof TonearmError || thrown instanceof DOMException) throw thrown;
      if (thrown instanceof WorkerLost) throw trouble('worker');
      throw refusal('refused', messageOf(thrown));
    }
  }
}

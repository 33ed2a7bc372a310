import { wavOf } from '../../shared/wav.js';
import { type Capture, CaptureError, type SoundSource, openCapture } from './capture.js';
import { texts } from '../../texts/texts.js';
import { WindowCutter } from './window-cutter.js';

/** Window lengths to choose from, in seconds. */
export const WINDOW_SECONDS = [3, 5, 10, 30];

/** Minimum length of the last window of a recording, in seconds. A shorter one is discarded. */
const MIN_LAST_SECONDS = 1;

/** State of the recorder: not recording, waiting for permission, or recording. */
export type RecordingState = 'idle' | 'requesting' | 'recording';

/** A window of a recording, as a file. */
export interface RecordedWindow {
  classId: string;
  file: File;
  /** Identifies the recording. Windows of one recording stay on the same side of a split. */
  group: string;
}

/** Callbacks of a recorder. */
export interface RecorderEvents {
  changed(): void;
  window(window: RecordedWindow): void;
}

/** A recording that is running or waiting for permission. */
interface Session {
  readonly classId: string;
  readonly source: SoundSource;
  readonly abortController: AbortController;
  /** Undefined while waiting for permission. */
  capture?: Capture;
  cutter?: WindowCutter;
  startedAt: Date;
  samples: number;
}

/** Records for one class at a time. Every window becomes a file as soon as it is complete. */
export class Recorder {
  readonly #events: RecorderEvents;
  #session: Session | undefined;
  #saving: Promise<void> = Promise.resolve();
  /** Length of a window, in seconds, as last chosen. Default: 10. */
  windowSeconds = 10;
  /** Number of windows of the recording so far. */
  windows = 0;
  /** Peak of the latest block, in 0..1. */
  level = 0;
  /** The latest failure, as a message for the user, and the class whose recording failed. */
  error: { classId: string; message: string } | null = null;

  constructor(events: RecorderEvents) {
    this.#events = events;
  }

  /** The class of the current recording, or null if there is none. */
  get classId(): string | null {
    return this.#session?.classId ?? null;
  }

  /** State of the recorder for one class. */
  stateOf(classId: string): RecordingState {
    if (this.#session?.classId !== classId) return 'idle';
    return this.#session.capture ? 'recording' : 'requesting';
  }

  /** Length of the recording so far, in seconds. */
  get seconds(): number {
    const { samples = 0, capture } = this.#session ?? {};
    return capture ? samples / capture.sampleRate : 0;
  }

  /** Starts a recording for a class, and stops the current one. */
  async start(classId: string, source: SoundSource, windowSeconds: number) {
    this.stop();
    this.windowSeconds = windowSeconds;
    const session: Session = { classId, source, abortController: new AbortController(), startedAt: new Date(), samples: 0 };
    this.#session = session;
    this.error = null;
    this.windows = 0;
    this.#events.changed();
    try {
      const events = { block: (samples: Float32Array) => this.#onBlock(session, samples), ended: () => this.#onSourceEnded(session) };
      const { signal } = session.abortController;
      const capture = await openCapture(source, events, signal);
      if (signal.aborted) return capture.close();
      session.capture = capture;
      this.#begin(session, capture);
    } catch (thrown) {
      session.capture?.close();
      if (session.abortController.signal.aborted) return;
      this.#session = undefined;
      this.#fail(classId, thrown instanceof CaptureError ? thrown.message : texts.train.record.errors.failed);
    }
    this.#events.changed();
  }

  /** Ends the recording and keeps its last window if that is long enough. */
  stop() {
    const { capture, cutter } = this.#session ?? {};
    if (capture) cutter?.finish(MIN_LAST_SECONDS * capture.sampleRate);
    this.discard();
  }

  /** Ends the recording and discards its last window. */
  discard() {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    session.abortController.abort();
    session.capture?.close();
    this.level = 0;
    this.#events.changed();
  }

  #begin(session: Session, { sampleRate }: Capture) {
    session.startedAt = new Date();
    session.cutter = new WindowCutter(this.windowSeconds * sampleRate, (samples) => this.#save(session, samples, sampleRate));
  }

  #onBlock(session: Session, samples: Float32Array) {
    session.samples += samples.length;
    this.level = samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
    session.cutter?.add(samples);
  }

  /** Handles a microphone that was unplugged, or sharing that was stopped in the browser's toolbar. */
  #onSourceEnded(session: Session) {
    if (this.#session !== session) return;
    this.stop();
    if (session.source === 'microphone') this.#fail(session.classId, texts.train.record.errors.ended);
    this.#events.changed();
  }

  #save({ classId, startedAt }: Session, samples: Float32Array<ArrayBuffer>, sampleRate: number) {
    const n = ++this.windows;
    const { fileName, artist, errors } = texts.train.record;
    const name = fileName(startedAt, n);
    const save = async () => {
      try {
        const file = new File([await wavOf({ channels: [samples], sampleRate })], name, { type: 'audio/wav' });
        this.#events.window({ classId, file, group: artist(startedAt) });
      } catch {
        this.#fail(classId, errors.notSaved(name));
        this.#events.changed();
      }
    };
    // Files are written one at a time, so that they are added in order.
    this.#saving = this.#saving.then(save);
    this.#events.changed();
  }

  #fail(classId: string, message: string) {
    this.error = { classId, message };
  }
}

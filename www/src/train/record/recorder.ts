import { wavOf } from '../../shared/wav.js';
import { type Capture, CaptureError, type SoundSource, openCapture } from './capture.js';
import { trainTexts } from '../texts.js';
import { WindowCutter } from './window-cutter.js';

/** Lengths of a window that can be chosen, in seconds. */
export const WINDOW_SECONDS = [3, 5, 10, 30];

/** The least that the last window of a recording must have to be kept, in seconds. */
const LAST_AT_LEAST = 1;

/** A window of a recording, as a file. */
export interface RecordedWindow {
  classId: string;
  file: File;
  /** The same for all windows of one recording, which must not be split. */
  group: string;
}

/** What a recorder tells. */
export interface RecorderEvents {
  changed(): void;
  window(window: RecordedWindow): void;
}

/** One recording that goes on, or waits for the visitor's leave. */
interface Session {
  readonly classId: string;
  readonly source: SoundSource;
  readonly life: AbortController;
  /** Undefined while the visitor is asked. */
  capture?: Capture;
  cutter?: WindowCutter;
  startedAt: Date;
  samples: number;
}

/** Records for one class at a time: every window becomes a file while the recording goes on. */
export class Recorder {
  readonly #events: RecorderEvents;
  #session: Session | undefined;
  #saving: Promise<void> = Promise.resolve();
  /** Length of a window, in seconds, as it was chosen last. */
  windowSeconds = 10;
  /** Windows of the recording so far. */
  windows = 0;
  /** Peak of the latest block, in 0..1. */
  level = 0;
  /** The latest failure, as a sentence, and the class that it was for. */
  trouble: { classId: string; sentence: string } | null = null;

  constructor(events: RecorderEvents) {
    this.#events = events;
  }

  /** The class that is recorded for; null while nothing is. */
  get classId(): string | null {
    return this.#session?.classId ?? null;
  }

  /** Whether sound comes in, and the visitor is not asked any more. */
  get running(): boolean {
    return this.#session?.capture !== undefined;
  }

  /** Length of the recording so far. */
  get seconds(): number {
    const { samples = 0, capture } = this.#session ?? {};
    return capture ? samples / capture.sampleRate : 0;
  }

  /** Begins a recording for a class, in windows of so many seconds; one that goes on ends. */
  async start(classId: string, source: SoundSource, windowSeconds: number) {
    this.stop();
    this.windowSeconds = windowSeconds;
    const session: Session = { classId, source, life: new AbortController(), startedAt: new Date(), samples: 0 };
    this.#session = session;
    this.trouble = null;
    this.windows = 0;
    this.#events.changed();
    try {
      const events = { block: (samples: Float32Array) => this.#take(session, samples), ended: () => this.#broken(session) };
      const capture = await openCapture(source, events, session.life.signal);
      if (session.life.signal.aborted) return capture.close();
      session.capture = capture;
      this.#begin(session, capture);
    } catch (thrown) {
      session.capture?.close();
      if (session.life.signal.aborted) return;
      this.#session = undefined;
      this.#fail(classId, thrown instanceof CaptureError ? thrown.message : trainTexts.record.troubles.failed);
    }
    this.#events.changed();
  }

  /** Ends the recording. Its last window is kept if it is long enough. */
  stop() {
    const { capture, cutter } = this.#session ?? {};
    if (capture) cutter?.end(LAST_AT_LEAST * capture.sampleRate);
    this.drop();
  }

  /** Ends the recording without its last window. */
  drop() {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    session.life.abort();
    session.capture?.close();
    this.level = 0;
    this.#events.changed();
  }

  #begin(session: Session, { sampleRate }: Capture) {
    session.startedAt = new Date();
    session.cutter = new WindowCutter(this.windowSeconds * sampleRate, (samples) => this.#save(session, samples, sampleRate));
  }

  #take(session: Session, samples: Float32Array) {
    session.samples += samples.length;
    this.level = samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
    session.cutter?.add(samples);
  }

  /** The source went away: a microphone was unplugged, or sharing was ended in the browser's own bar. */
  #broken(session: Session) {
    if (this.#session !== session) return;
    this.stop();
    if (session.source === 'microphone') this.#fail(session.classId, trainTexts.record.troubles.ended);
    this.#events.changed();
  }

  #save({ classId, startedAt }: Session, samples: Float32Array<ArrayBuffer>, sampleRate: number) {
    const n = ++this.windows;
    const { nameOf, groupOf, troubles } = trainTexts.record;
    const name = nameOf(startedAt, n);
    const save = async () => {
      try {
        const file = new File([await wavOf({ channels: [samples], sampleRate })], name, { type: 'audio/wav' });
        this.#events.window({ classId, file, group: groupOf(startedAt) });
      } catch {
        this.#fail(classId, troubles.notSaved(name));
        this.#events.changed();
      }
    };
    // One after the other, so that they are added in their order.
    this.#saving = this.#saving.then(save);
    this.#events.changed();
  }

  #fail(classId: string, sentence: string) {
    this.trouble = { classId, sentence };
  }
}

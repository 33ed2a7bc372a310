import type { TrainingClient } from 'tonearm';
import { errorMessage } from '../../shared/error-message.js';
import type { ExampleRecord } from '../store/records.js';
import type { Store } from '../store/store.js';
import { texts } from '../../texts/texts.js';

/** A file to add to a project. */
export interface ImportItem {
  name: string;
  classId: string;
  /** The file, or a function that creates it when it is needed. */
  source: Blob | (() => Promise<Blob>);
  /** Artist according to the file's folder. The artist in the file's tags takes precedence. */
  artist: string | null;
}

/** A file in the import queue. */
export interface QueuedFile extends ImportItem {
  state: 'waiting' | 'analysing' | 'failed';
  /** Why the file could not be added, as a message for the user. */
  error: string;
}

/** The project that an import queue adds files to. */
export interface ImportHost {
  readonly store: Store;
  readonly client: TrainingClient;
  readonly projectId: string;
  readonly keepAudio: boolean;
  readonly examples: readonly ExampleRecord[];
  hasClass(id: string): boolean;
  /** Called for each stored example. Resolves when the example is in `examples`. */
  added(example: ExampleRecord): Promise<void>;
  changed(): void;
}

/** Adds files to a project one at a time: computes their features and stores them. */
export class ImportQueue {
  readonly #host: ImportHost;
  readonly #files: QueuedFile[] = [];
  /** Aborted by `cancel`, and then replaced. */
  #cancellation = new AbortController();
  #busy = false;

  constructor(host: ImportHost) {
    this.#host = host;
  }

  /** Files that are waiting, being analysed or failed. */
  get files(): readonly QueuedFile[] {
    return this.#files;
  }

  /** Number of files that are waiting or being analysed. */
  get left(): number {
    return this.#files.filter(({ state }) => state !== 'failed').length;
  }

  add(items: ImportItem[]) {
    this.#files.push(...items.map((item): QueuedFile => ({ ...item, state: 'waiting', error: '' })));
    this.#host.changed();
    if (!this.#busy) void this.#drain();
  }

  /** Drops all files that are not stored yet. */
  cancel() {
    this.#cancellation.abort();
    this.#cancellation = new AbortController();
    this.#remove(({ state }) => state !== 'failed');
  }

  /** Removes the files that are waiting for a class, and returns them. One that is being analysed fails if the class is gone. */
  takeWaiting(classId: string): ImportItem[] {
    const isTaken = (file: QueuedFile) => file.classId === classId && file.state === 'waiting';
    const taken = this.#files.filter(isTaken);
    this.#remove(isTaken);
    return taken;
  }

  /** Moves the files of one class to another, including the one that is being analysed. */
  reassign(from: string, to: string) {
    for (const file of this.#files) if (file.classId === from) file.classId = to;
  }

  /** Removes the failed files from the list. */
  dismissFailed() {
    this.#remove(({ state }) => state === 'failed');
  }

  #remove(matches: (file: QueuedFile) => boolean) {
    const rest = this.#files.filter((file) => !matches(file));
    this.#files.splice(0, Infinity, ...rest);
    this.#host.changed();
  }

  async #drain() {
    this.#busy = true;
    for (let file = this.#next(); file; file = this.#next()) {
      const { signal } = this.#cancellation;
      file.state = 'analysing';
      this.#host.changed();
      try {
        const example = await this.#import(file, signal);
        await this.#host.added(example);
        this.#remove((each) => each === file);
      } catch (thrown) {
        if (!signal.aborted) Object.assign(file, { state: 'failed', error: errorMessage(thrown) });
      }
      this.#host.changed();
    }
    this.#busy = false;
  }

  #next(): QueuedFile | undefined {
    return this.#files.find(({ state }) => state === 'waiting');
  }

  async #import(file: QueuedFile, signal: AbortSignal): Promise<ExampleRecord> {
    const { store, client, projectId, keepAudio } = this.#host;
    const { name, source, artist } = file;
    const audio = source instanceof Blob ? source : await source();
    const digest = await digestOf(audio);
    const duplicate = this.#host.examples.find((example) => example.digest === digest);
    if (duplicate) throw new Error(texts.train.duplicate(duplicate.name));
    const { features, seconds, artist: taggedArtist } = await client.features(audio, signal);
    signal.throwIfAborted();
    // Read only now, since the class may have been merged into another one meanwhile.
    const { classId } = file;
    if (!this.#host.hasClass(classId)) throw new Error(texts.train.classGone);
    return store.addExample(
      { projectId, classId, name, artist: taggedArtist ?? artist, seconds, nWindows: features.windows, digest },
      features,
      keepAudio ? audio : null,
    );
  }
}

/** SHA-256 of a file's bytes, in hex. */
async function digestOf(source: Blob): Promise<string> {
  const bytes = await source.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

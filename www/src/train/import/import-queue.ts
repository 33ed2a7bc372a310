import { type TrainingClient, TonearmError } from 'tonearm';
import type { ExampleRecord } from '../store/records.js';
import type { Store } from '../store/store.js';
import { trainTexts } from '../texts.js';

/** A sound on its way into a project. */
export interface Incoming {
  readonly id: number;
  readonly name: string;
  readonly classId: string;
  state: 'waiting' | 'analysing' | 'refused';
  /** Why it was refused, in sentences. */
  reason: string;
}

/** A sound to be added. */
export interface ImportItem {
  name: string;
  classId: string;
  /** The file, or one that is made when its turn comes. */
  source: Blob | (() => Promise<Blob>);
  /** Who made it, where the place of the file tells; its tags come first. */
  artist: string | null;
}

interface Entry extends Incoming {
  item: ImportItem;
}

/** What the imports needs of the project. */
export interface ImportHost {
  readonly store: Store;
  readonly client: TrainingClient;
  readonly projectId: string;
  readonly keepAudio: boolean;
  readonly examples: readonly ExampleRecord[];
  hasClass(id: string): boolean;
  /** Resolves when the example is among the project's. */
  added(example: ExampleRecord): Promise<void>;
  changed(): void;
}

let nextId = 0;

/** Hears the sounds that come into one project, one after the other, and keeps what networks read of them. */
export class ImportQueue {
  readonly #host: ImportHost;
  readonly #entries: Entry[] = [];
  #life = new AbortController();
  #busy = false;

  constructor(host: ImportHost) {
    this.#host = host;
  }

  /** What waits, is being heard, or was refused. */
  get incoming(): readonly Incoming[] {
    return this.#entries;
  }

  /** Sounds that are not done with. */
  get left(): number {
    return this.#entries.filter(({ state }) => state !== 'refused').length;
  }

  add(items: ImportItem[]) {
    const entry = (item: ImportItem): Entry => ({
      id: nextId++, name: item.name, classId: item.classId, state: 'waiting', reason: '', item,
    });
    this.#entries.push(...items.map(entry));
    this.#host.changed();
    if (!this.#busy) void this.#drain();
  }

  /** Gives up what is not done; what is kept stays. */
  cancel() {
    this.#life.abort();
    this.#life = new AbortController();
    this.#forget(({ state }) => state !== 'refused');
  }

  /** Gives up what waits for a class that is gone. */
  drop(classId: string) {
    this.#forget((entry) => entry.classId === classId);
  }

  /** Takes the refused ones off the list. */
  dismiss() {
    this.#forget(({ state }) => state === 'refused');
  }

  #forget(which: (entry: Entry) => boolean) {
    const kept = this.#entries.filter((entry) => !which(entry));
    this.#entries.splice(0, Infinity, ...kept);
    this.#host.changed();
  }

  async #drain() {
    this.#busy = true;
    for (let entry = this.#next(); entry; entry = this.#next()) {
      const { signal } = this.#life;
      entry.state = 'analysing';
      this.#host.changed();
      try {
        const example = await this.#take(entry.item, signal);
        await this.#host.added(example);
        this.#forget((each) => each === entry);
      } catch (thrown) {
        if (!signal.aborted) refuse(entry, thrown);
      }
      this.#host.changed();
    }
    this.#busy = false;
  }

  #next(): Entry | undefined {
    return this.#entries.find(({ state }) => state === 'waiting');
  }

  async #take({ name, classId, source, artist }: ImportItem, signal: AbortSignal): Promise<ExampleRecord> {
    const { store, client, projectId, keepAudio } = this.#host;
    const given = source instanceof Blob ? source : await source();
    const digest = await digestOf(given);
    const same = this.#host.examples.find((example) => example.digest === digest);
    if (same) throw new Error(trainTexts.duplicate(same.name));
    const heard = await client.features(given, signal);
    signal.throwIfAborted();
    if (!this.#host.hasClass(classId)) throw new Error(trainTexts.classGone);
    return store.addExample(
      {
        projectId,
        classId,
        name,
        artist: heard.artist ?? artist,
        seconds: heard.seconds,
        nWindows: heard.features.windows,
        digest,
      },
      heard.features,
      keepAudio ? given : null,
    );
  }
}

function refuse(entry: Entry, thrown: unknown) {
  entry.state = 'refused';
  entry.reason = thrown instanceof TonearmError ? `${thrown.message} ${thrown.advice}` : thrown instanceof Error ? thrown.message : String(thrown);
}

/** SHA-256 of a file's bytes, in hex. */
async function digestOf(source: Blob): Promise<string> {
  const bytes = await source.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

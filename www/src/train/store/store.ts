import type { FileFeatures } from 'tonearm/project';
import { CHANGE_TABLES, type Change, EXAMPLE_TABLES, apply, eraseExample, requireProject, requireClass, touch } from './changes.js';
import { type Database, type ReadTransaction, type Table, type WriteTransaction, TABLES } from './database.js';
import { DUPLICATE_TABLES, duplicate } from './duplicate.js';
import { indexedDatabase } from './indexed-database.js';
import { memoryDatabase } from './memory-database.js';
import type { ExampleRecord, LabelledRows, NewExample, ProjectRecord, RunRecord } from './records.js';
import { StoreError, hasName, storeError } from './store-error.js';

/**
 * Opens the store in IndexedDB, or in memory if the browser does not let the page store data. Every call in memory
 * creates a separate store, so open one and share it.
 *
 * @throws {StoreError} if a newer version of the page has upgraded the database, or this version fails to upgrade it.
 */
export async function openStore(): Promise<Store> {
  try {
    return new Store(await indexedDatabase());
  } catch (thrown) {
    // The projects still exist. An empty store in memory would look as if they were lost.
    if (hasName(thrown, 'VersionError')) throw new StoreError('closed', thrown);
    if (hasName(thrown, 'AbortError') || hasName(thrown, 'QuotaExceededError')) throw storeError(thrown);
    return new Store(memoryDatabase());
  }
}

/**
 * Stores projects, their examples and their runs.
 *
 * When a call resolves, its writes are durable. When it rejects, it does so with a {@link StoreError}, and nothing has
 * changed.
 */
export class Store {
  readonly #database: Database;
  #lastOrder = 0;
  /** Called when removed examples were erased to free space, so that they can no longer be restored. */
  onUndoErased: () => void = () => undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Whether the data outlives the page. */
  get persistent(): boolean {
    return this.#database.persistent;
  }

  /** All projects, most recently changed first. */
  async projects(): Promise<ProjectRecord[]> {
    const projects = await this.#read(['projects'], (tx) => tx.all('projects'));
    return projects.sort((a, b) => b.changedAt - a.changedAt || a.name.localeCompare(b.name));
  }

  async project(id: string): Promise<ProjectRecord | null> {
    return (await this.#read(['projects'], (tx) => tx.get('projects', id))) ?? null;
  }

  /** Creates a project with audio files or, if `rows` is given, with a table. */
  async createProject(draft: Pick<ProjectRecord, 'name' | 'classes' | 'keepAudio'>, rows?: LabelledRows): Promise<ProjectRecord> {
    const now = Date.now();
    const id = crypto.randomUUID();
    const project: ProjectRecord = { ...draft, id, createdAt: now, changedAt: now, modelRunId: null };
    if (rows) project.table = { columns: rows.columns, counts: countsOf(rows, draft.classes.length) };
    await this.#write(['projects', 'rows'], async (tx) => {
      await tx.put('projects', project);
      if (rows) await tx.put('rows', { ...rows, id });
    });
    return project;
  }

  /** The rows of a project's table, or null if it has none. */
  async rows(projectId: string): Promise<LabelledRows | null> {
    const record = await this.#read(['rows'], (tx) => tx.get('rows', projectId));
    if (!record) return null;
    const { id: _, ...rows } = record;
    return rows;
  }

  async saveProject(project: ProjectRecord): Promise<void> {
    await this.change({ project });
  }

  /** Copies a project with its examples and runs. A running run is paused in the copy. */
  duplicateProject(id: string, name: string): Promise<ProjectRecord> {
    return this.#write(DUPLICATE_TABLES, (tx) => duplicate(tx, id, name));
  }

  /** Deletes a project with its examples, rows and runs. */
  deleteProject(id: string): Promise<void> {
    return this.#write(TABLES, async (tx) => {
      for (const table of ['examples', 'removed'] as const) {
        for (const exampleId of await tx.idsOf(table, id)) await eraseExample(tx, exampleId);
      }
      for (const runId of await tx.idsOf('runs', id)) await tx.delete('runs', runId);
      await tx.delete('rows', id);
      await tx.delete('projects', id);
    });
  }

  /** Examples of a project, in display order. */
  async examplesOf(projectId: string): Promise<ExampleRecord[]> {
    const examples = await this.#read(['examples'], (tx) => tx.allOf('examples', projectId));
    return examples.sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
  }

  /** Adds an example after all others, and stores its file if `audio` is given. */
  async addExample(draft: NewExample, features: FileFeatures, audio: Blob | null): Promise<ExampleRecord> {
    const addedAt = Date.now();
    // The time sorts the example after those of earlier visits, the counter after those of the same millisecond.
    this.#lastOrder = Math.max(addedAt, this.#lastOrder + 1);
    const id = crypto.randomUUID();
    const example = { ...draft, id, addedAt, hasAudio: audio !== null, order: this.#lastOrder };
    // Read before the transaction starts, because a transaction may await only its own operations.
    const file = audio && { id, type: audio.type, bytes: await audio.arrayBuffer().catch(throwStoreError) };
    await this.#write(['projects', 'examples', 'features', 'audio'], async (tx) => {
      await requireClass(tx, example);
      await touch(tx, example.projectId);
      await tx.put('examples', example);
      await tx.put('features', { ...features, id, mel: compact(features.mel), mfcc: compact(features.mfcc) });
      if (file) await tx.put('audio', file);
    });
    return example;
  }

  /** Applies changes together and returns the ids of the removed examples. */
  change(change: Change): Promise<string[]> {
    return this.#write(CHANGE_TABLES, (tx) => apply(tx, change));
  }

  /** Erases the removed examples of a project, except for those that may still be restored. */
  eraseRemoved(projectId: string, except: string[] = []): Promise<void> {
    return this.#write(EXAMPLE_TABLES, async (tx) => {
      for (const id of await tx.idsOf('removed', projectId)) if (!except.includes(id)) await eraseExample(tx, id);
    });
  }

  async features(exampleId: string): Promise<FileFeatures | null> {
    const record = await this.#read(['features'], (tx) => tx.get('features', exampleId));
    if (!record) return null;
    const { id: _, ...features } = record;
    return features;
  }

  async audio(exampleId: string): Promise<Blob | null> {
    const audio = await this.#read(['audio'], (tx) => tx.get('audio', exampleId));
    return audio ? new Blob([audio.bytes], { type: audio.type }) : null;
  }

  /** Deletes the audio of a project's examples. */
  async deleteAudio(projectId: string): Promise<void> {
    // Deleted first and in a separate transaction, because a full disk allows no writes until something is deleted.
    await this.#write(['examples', 'audio'], async (tx) => {
      for (const id of await tx.idsOf('examples', projectId)) await tx.delete('audio', id);
    });
    await this.#write(CHANGE_TABLES, async (tx) => {
      const examples = await tx.allOf('examples', projectId);
      await apply(tx, { examples: examples.map((example) => ({ ...example, hasAudio: false })) });
    });
  }

  /** Runs of a project, latest first. */
  async runsOf(projectId: string): Promise<RunRecord[]> {
    const runs = await this.#read(['runs'], (tx) => tx.allOf('runs', projectId));
    return runs.sort((a, b) => b.startedAt - a.startedAt);
  }

  /** Saves a run, and makes it the project's model if `isModel` is set. A stored run keeps its name, which only `renameRun` changes. */
  async saveRun(run: RunRecord, isModel = false): Promise<void> {
    const weights = run.weights && compact(run.weights);
    const checkpoint = run.checkpoint && compact(run.checkpoint);
    await this.#write(['projects', 'runs'], async (tx) => {
      const project = await requireProject(tx, run.projectId);
      const stored = await tx.get('runs', run.id);
      await tx.put('runs', { ...named(run, (stored ?? run).name ?? ''), weights, checkpoint });
      if (isModel) await tx.put('projects', { ...project, modelRunId: run.id, changedAt: Date.now() });
    });
  }

  /** Names a run; an empty name removes its name. */
  renameRun(id: string, name: string): Promise<void> {
    return this.#write(['runs'], async (tx) => {
      const run = await tx.get('runs', id);
      if (!run) throw new StoreError('missing');
      await tx.put('runs', named(run, name));
    });
  }

  /** Deletes a run. If it was the project's model, the stored project then has none. */
  deleteRun(id: string): Promise<void> {
    return this.#write(['projects', 'runs'], async (tx) => {
      const run = await tx.get('runs', id);
      if (!run) return;
      await tx.delete('runs', id);
      const project = await requireProject(tx, run.projectId);
      if (project.modelRunId === id) await tx.put('projects', { ...project, modelRunId: null, changedAt: Date.now() });
    });
  }

  /** Deletes all records. */
  clearAll(): Promise<void> {
    return this.#write(TABLES, async (tx) => {
      for (const table of TABLES) await tx.clear(table);
    });
  }

  /** Closes the database. Every later call rejects. */
  close(): void {
    this.#database.close();
  }

  #read<N extends Table, T>(tables: readonly N[], work: (tx: ReadTransaction<N>) => Promise<T>): Promise<T> {
    return this.#database.read(tables, work).catch(throwStoreError);
  }

  /** Runs a transaction. If storage is full, erases the examples that are kept only for undo and tries again. */
  async #write<N extends Table, T>(tables: readonly N[], work: (tx: WriteTransaction<N>) => Promise<T>): Promise<T> {
    try {
      return await this.#database.write(tables, work);
    } catch (thrown) {
      const error = storeError(thrown);
      if (error.code !== 'quota' || !(await this.#freeSpace())) throw error;
      this.onUndoErased();
      return this.#database.write(tables, work).catch(throwStoreError);
    }
  }

  /** Erases the examples that are kept only for undo, and returns whether there were any. */
  #freeSpace(): Promise<boolean> {
    const eraseAll = async (tx: WriteTransaction<(typeof EXAMPLE_TABLES)[number]>) => {
      const removed = await tx.all('removed');
      for (const { id } of removed) await eraseExample(tx, id);
      return removed.length > 0;
    };
    return this.#database.write(EXAMPLE_TABLES, eraseAll).catch(throwStoreError);
  }
}

/** The run with another name; an empty name removes its name. */
function named({ name: _, ...run }: RunRecord, name: string): RunRecord {
  return name ? { ...run, name } : run;
}

/** Number of rows of each class. */
function countsOf({ labels }: LabelledRows, nClasses: number): number[] {
  const counts = Array.from({ length: nClasses }, () => 0);
  for (const label of labels) counts[label]!++;
  return counts;
}

function throwStoreError(thrown: unknown): never {
  throw storeError(thrown);
}

/** Copies bytes that are a view of a larger buffer, because IndexedDB would store the whole buffer. */
function compact(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}

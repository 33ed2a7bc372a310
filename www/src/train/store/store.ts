import type { FileFeatures } from 'tonearm/project';
import { CHANGED, type Change, PARTS, apply, erase, existing, requireClass, touch } from './changes.js';
import { type Database, type Reading, type Table, type Writing, TABLES } from './database.js';
import { DUPLICATED, duplicate } from './duplicate.js';
import { indexedDatabase } from './indexed-database.js';
import { memoryDatabase } from './memory-database.js';
import type { ExampleRecord, LabelledRows, NewExample, ProjectRecord, RunRecord } from './records.js';
import { StoreError, isNamed, storeError } from './store-error.js';

/**
 * Opens what the browser keeps for this page, or a store in memory where it keeps nothing.
 * What is in memory belongs to the store that is returned, so open one and share it.
 *
 * Rejects with a {@link StoreError} if a newer version of the page has been here.
 */
export async function openStore(): Promise<Store> {
  try {
    return new Store(await indexedDatabase());
  } catch (thrown) {
    // The projects are there; an empty list in their place would look like their loss.
    if (isNamed(thrown, 'VersionError')) throw new StoreError('closed', thrown);
    return new Store(memoryDatabase());
  }
}

/**
 * Projects, their examples and their runs.
 *
 * When a call resolves, what it wrote is safe. When it rejects, with a {@link StoreError}, nothing has changed.
 */
export class Store {
  readonly #database: Database;
  #lastOrder = 0;
  /** Told when what was taken out made way for something else, so that it cannot be put back. */
  onForgotten: () => void = () => undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What is kept outlives the page. */
  get persistent(): boolean {
    return this.#database.persistent;
  }

  /** All projects, the one changed last first. */
  async projects(): Promise<ProjectRecord[]> {
    const projects = await this.#read(['projects'], (tx) => tx.all('projects'));
    return projects.sort((a, b) => b.changedAt - a.changedAt || a.name.localeCompare(b.name));
  }

  async project(id: string): Promise<ProjectRecord | null> {
    return (await this.#read(['projects'], (tx) => tx.get('projects', id))) ?? null;
  }

  /** Makes a project: one of files, or of the rows of a table. */
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

  /** The rows of a project that is a table. */
  async rows(projectId: string): Promise<LabelledRows | null> {
    const kept = await this.#read(['rows'], (tx) => tx.get('rows', projectId));
    if (!kept) return null;
    const { id: _, ...rows } = kept;
    return rows;
  }

  async saveProject(project: ProjectRecord): Promise<void> {
    await this.change({ project });
  }

  /** Copies a project with its examples and runs. A run that is under way is paused in the copy. */
  duplicateProject(id: string, name: string): Promise<ProjectRecord> {
    return this.#write(DUPLICATED, (tx) => duplicate(tx, id, name));
  }

  /** Deletes a project with all that belongs to it. */
  deleteProject(id: string): Promise<void> {
    return this.#write(TABLES, async (tx) => {
      for (const table of ['examples', 'removed'] as const) {
        for (const exampleId of await tx.idsOf(table, id)) await erase(tx, exampleId);
      }
      for (const runId of await tx.idsOf('runs', id)) await tx.delete('runs', runId);
      await tx.delete('rows', id);
      await tx.delete('projects', id);
    });
  }

  /** Examples of a project, in the order in which they were added or put. */
  async examplesOf(projectId: string): Promise<ExampleRecord[]> {
    const examples = await this.#read(['examples'], (tx) => tx.allOf('examples', projectId));
    return examples.sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
  }

  /** Adds an example behind all others; with its file, if `audio` is given. */
  async addExample(draft: NewExample, features: FileFeatures, audio: Blob | null): Promise<ExampleRecord> {
    const addedAt = Date.now();
    // The time puts it behind those of earlier visits, the count behind those of the same millisecond.
    this.#lastOrder = Math.max(addedAt, this.#lastOrder + 1);
    const id = crypto.randomUUID();
    const example = { ...draft, id, addedAt, hasAudio: audio !== null, order: this.#lastOrder };
    // Read beforehand, as a transaction does not wait for it.
    const file = audio && { id, type: audio.type, bytes: await audio.arrayBuffer().catch(refuse) };
    await this.#write(['projects', 'examples', 'features', 'audio'], async (tx) => {
      await requireClass(tx, example);
      await touch(tx, example.projectId);
      await tx.put('examples', example);
      await tx.put('features', { ...features, id, mel: alone(features.mel), mfcc: alone(features.mfcc) });
      if (file) await tx.put('audio', file);
    });
    return example;
  }

  /** Saves examples that were renamed or moved. One that now says it has no audio loses it. */
  async saveExamples(examples: ExampleRecord[]): Promise<void> {
    await this.change({ examples });
  }

  /** Takes examples out; {@link restoreExamples} puts back those whose ids this returns. */
  removeExamples(ids: string[]): Promise<string[]> {
    return this.change({ remove: ids });
  }

  async restoreExamples(ids: string[]): Promise<void> {
    await this.change({ restore: ids });
  }

  /** Applies changes together, and returns the ids of the examples that were taken out. */
  change(change: Change): Promise<string[]> {
    return this.#write(CHANGED, (tx) => apply(tx, change));
  }

  /** Deletes what was taken out of a project, but for some that may still be put back. */
  forgetRemoved(projectId: string, but: string[] = []): Promise<void> {
    return this.#write(PARTS, async (tx) => {
      for (const id of await tx.idsOf('removed', projectId)) if (!but.includes(id)) await erase(tx, id);
    });
  }

  async features(exampleId: string): Promise<FileFeatures | null> {
    const kept = await this.#read(['features'], (tx) => tx.get('features', exampleId));
    if (!kept) return null;
    const { id: _, ...features } = kept;
    return features;
  }

  async audio(exampleId: string): Promise<Blob | null> {
    const audio = await this.#read(['audio'], (tx) => tx.get('audio', exampleId));
    return audio ? new Blob([audio.bytes], { type: audio.type }) : null;
  }

  /** Deletes the audio of a project's examples. */
  async deleteAudio(projectId: string): Promise<void> {
    // In a transaction of its own and first: on a full disk nothing can be written until something is deleted.
    await this.#write(['examples', 'audio'], async (tx) => {
      for (const id of await tx.idsOf('examples', projectId)) await tx.delete('audio', id);
    });
    await this.#write(CHANGED, async (tx) => {
      const examples = await tx.allOf('examples', projectId);
      await apply(tx, { examples: examples.map((example) => ({ ...example, hasAudio: false })) });
    });
  }

  /** Runs of a project, the latest first. */
  async runsOf(projectId: string): Promise<RunRecord[]> {
    const runs = await this.#read(['runs'], (tx) => tx.allOf('runs', projectId));
    return runs.sort((a, b) => b.startedAt - a.startedAt);
  }

  async saveRun(run: RunRecord): Promise<void> {
    const weights = run.weights && alone(run.weights);
    const checkpoint = run.checkpoint && alone(run.checkpoint);
    await this.#write(['projects', 'runs'], async (tx) => {
      await existing(tx, run.projectId);
      await tx.put('runs', { ...run, weights, checkpoint });
    });
  }

  /** Deletes a run. A project whose model it was has none then: read the project again. */
  deleteRun(id: string): Promise<void> {
    return this.#write(['projects', 'runs'], async (tx) => {
      const run = await tx.get('runs', id);
      if (!run) return;
      await tx.delete('runs', id);
      const project = await existing(tx, run.projectId);
      if (project.modelRunId === id) await tx.put('projects', { ...project, modelRunId: null, changedAt: Date.now() });
    });
  }

  /** Deletes everything that is kept here. */
  clearAll(): Promise<void> {
    return this.#write(TABLES, async (tx) => {
      for (const table of TABLES) await tx.clear(table);
    });
  }

  /** Lets the database go; every call after it is refused. */
  close(): void {
    this.#database.close();
  }

  #read<N extends Table, T>(tables: readonly N[], work: (tx: Reading<N>) => Promise<T>): Promise<T> {
    return this.#database.read(tables, work).catch(refuse);
  }

  /** Runs a transaction. On a full disk, examples that are kept only for undo are deleted and it runs again. */
  async #write<N extends Table, T>(tables: readonly N[], work: (tx: Writing<N>) => Promise<T>): Promise<T> {
    try {
      return await this.#database.write(tables, work);
    } catch (thrown) {
      const error = storeError(thrown);
      if (error.code !== 'quota' || !(await this.#makeRoom())) throw error;
      this.onForgotten();
      return this.#database.write(tables, work).catch(refuse);
    }
  }

  /** Deletes the examples that are kept only for undo, and returns whether there were any. */
  #makeRoom(): Promise<boolean> {
    const forget = async (tx: Writing<(typeof PARTS)[number]>) => {
      const removed = await tx.all('removed');
      for (const { id } of removed) await erase(tx, id);
      return removed.length > 0;
    };
    return this.#database.write(PARTS, forget).catch(refuse);
  }
}

/** Rows of each class. */
function countsOf({ labels }: LabelledRows, nClasses: number): number[] {
  const counts = Array.from({ length: nClasses }, () => 0);
  for (const label of labels) counts[label]!++;
  return counts;
}

function refuse(thrown: unknown): never {
  throw storeError(thrown);
}

/** The bytes without the rest of their buffer: a view of the core's memory would be kept with all of that. */
function alone(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}

import type { TrainingClient } from 'tonearm';
import { errorMessage } from '../../shared/error-message.js';
import type { Change } from '../store/changes.js';
import { ImportQueue } from '../import/import-queue.js';
import { type ProjectLock, lockProject } from '../store/project-lock.js';
import type { ExampleRecord, ProjectRecord, RunRecord } from '../store/records.js';
import type { Store } from '../store/store.js';
import { type StorageUsage, storageUsage } from '../store/usage.js';

/** A change that the user can undo. */
export interface Undo {
  /** Describes the change, as a message for the user. */
  message: string;
  /** Ids of the examples that undoing would restore. They stay stored while the undo is offered. */
  removed: string[];
  undo(): Promise<void>;
}

/**
 * In-memory copy of the list of projects and of the open project with its examples and runs. It is updated after the
 * store.
 */
export class OpenProject {
  readonly store: Store;
  readonly #client: TrainingClient;
  readonly #changed: () => void;
  projects: ProjectRecord[] = [];
  usage: StorageUsage = { usage: null, quota: null, persisted: null };
  project: ProjectRecord | null = null;
  examples: ExampleRecord[] = [];
  runs: RunRecord[] = [];
  /** Files that are being added to the open project. */
  importQueue: ImportQueue | null = null;
  /** Whether another tab holds the lock of the open project, which makes it read-only here. */
  openInOtherTab = false;
  /** The latest failure, as a message for the user. */
  error: string | null = null;
  undo: Undo | null = null;
  #lock: ProjectLock | null = null;
  /** Settles when the last queued action has ended. Actions run one at a time, each on the state that the previous one left. */
  #lastAction: Promise<unknown> = Promise.resolve();

  constructor(store: Store, client: TrainingClient, changed: () => void) {
    this.store = store;
    this.#client = client;
    this.#changed = changed;
    store.onUndoErased = () => {
      if (this.undo?.removed.length) this.undo = null;
    };
  }

  /** Closes the open project and opens another one. */
  async open(id: string) {
    this.close();
    this.project = await this.store.project(id);
    if (!this.project) return;
    this.#lock = await lockProject(id);
    this.openInOtherTab = this.#lock === null;
    // A tab that was closed may have left removed examples, which can no longer be restored.
    if (!this.openInOtherTab) await this.store.eraseRemoved(id);
    await this.reload();
    this.importQueue = this.#importQueueOf(id);
  }

  /** Opens the project that was changed last, if there is one. */
  async openLatest() {
    await this.list();
    const [latest] = this.projects;
    if (latest) await this.open(latest.id);
    else this.close();
  }

  close() {
    this.importQueue?.cancel();
    this.#lock?.release();
    this.#lock = null;
    Object.assign(this, { importQueue: null, openInOtherTab: false, project: null, examples: [], runs: [], undo: null });
  }

  /** Reads the list of projects and the storage usage. */
  async list() {
    this.projects = await this.store.projects();
    this.usage = await storageUsage();
  }

  /** Reads the open project and the list of projects from the store. */
  async reload() {
    const id = this.project?.id;
    if (!id) return;
    this.project = await this.store.project(id);
    this.examples = await this.store.examplesOf(id);
    this.runs = await this.store.runsOf(id);
    await this.list();
  }

  /**
   * Enqueues a change of the open project. `plan` computes the change when its turn comes, because earlier changes
   * may still be pending when this is called.
   */
  async edit(plan: (project: ProjectRecord) => Change) {
    await this.enqueueForProject(() => this.apply(plan));
  }

  /**
   * Changes the open project immediately; call it in an enqueued action. Returns the ids of the removed examples, or
   * undefined if no project is open or this tab may not change it.
   */
  async apply(plan: (project: ProjectRecord) => Change): Promise<string[] | undefined> {
    if (!this.project || this.openInOtherTab) return undefined;
    const removed = await this.store.change(plan(this.project));
    await this.reload();
    return removed;
  }

  /** Offers to undo the latest change. The change before it can no longer be undone. */
  async offerUndo(undo: Undo) {
    this.undo = undo;
    if (this.project) await this.store.eraseRemoved(this.project.id, undo.removed);
  }

  /**
   * Enqueues an action on the project that is open now. The action is skipped if another project is open when its
   * turn comes, because it was meant for this one.
   */
  enqueueForProject<T>(action: (project: ProjectRecord) => Promise<T>): Promise<T | undefined> {
    const id = this.project?.id;
    return this.enqueue(async () => {
      const { project } = this;
      return project && project.id === id ? action(project) : undefined;
    });
  }

  /** Runs an action after all actions that were enqueued before it. Its failure is stored in `error`. */
  enqueue<T>(action: () => Promise<T>): Promise<T | undefined> {
    return this.#append(() => this.attempt(action));
  }

  /** Runs an action. Its failure is stored in `error`. */
  async attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    this.error = null;
    try {
      return await action();
    } catch (thrown) {
      this.error = errorMessage(thrown);
      return undefined;
    } finally {
      this.#changed();
    }
  }

  #append<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#lastAction.then(action);
    // A failed action must not prevent the later ones from running.
    this.#lastAction = done.catch(() => undefined);
    return done;
  }

  #importQueueOf(projectId: string): ImportQueue {
    const openProject = this;
    return new ImportQueue({
      store: this.store,
      client: this.#client,
      projectId,
      get keepAudio() {
        return openProject.project?.keepAudio ?? false;
      },
      get examples() {
        return openProject.examples;
      },
      hasClass: (classId) => openProject.project?.classes.some(({ id }) => id === classId) ?? false,
      // Enqueued, because an action that reloads the examples may be running.
      added: (example) => openProject.#append(() => openProject.#add(example)),
      changed: this.#changed,
    });
  }

  async #add(example: ExampleRecord) {
    const known = this.examples.some(({ id }) => id === example.id);
    if (this.project?.id === example.projectId && !known) this.examples = [...this.examples, example];
    this.usage = await storageUsage();
  }
}

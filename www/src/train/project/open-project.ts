import type { TrainingClient } from 'tonearm';
import type { Change } from '../store/changes.js';
import { ImportQueue } from '../import/import-queue.js';
import { type ProjectLock, holdProject } from '../store/project-lock.js';
import type { ExampleRecord, ProjectRecord, RunRecord } from '../store/records.js';
import type { Store } from '../store/store.js';
import { type Usage, usage } from '../store/usage.js';

/** Something that can be taken back. */
export interface Undo {
  what: string;
  /** Ids of the examples that it would put back; they are kept for that long. */
  removed: string[];
  undo(): Promise<void>;
}

/**
 * What the browser keeps, as it was last read: all projects, and the open one with its examples and
 * runs. It changes after the store has.
 */
export class OpenProject {
  readonly store: Store;
  readonly #client: TrainingClient;
  readonly #changed: () => void;
  projects: ProjectRecord[] = [];
  usage: Usage = { usage: null, quota: null, persisted: null };
  project: ProjectRecord | null = null;
  examples: ExampleRecord[] = [];
  runs: RunRecord[] = [];
  /** What comes into the open project. */
  imports: ImportQueue | null = null;
  /** Another tab has the open project, so nothing of it can be changed here. */
  elsewhere = false;
  /** The latest failure, as a sentence. */
  trouble: string | null = null;
  undo: Undo | null = null;
  #lock: ProjectLock | null = null;
  /** Settles when the latest action has run; actions run one after the other, each on the state that the one before left. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: Store, client: TrainingClient, changed: () => void) {
    this.store = store;
    this.#client = client;
    this.#changed = changed;
    store.onForgotten = () => {
      if (this.undo?.removed.length) this.undo = null;
    };
  }

  /** Opens a project in place of the one that is open. */
  async open(id: string) {
    this.close();
    this.project = await this.store.project(id);
    if (!this.project) return;
    this.#lock = await holdProject(id);
    this.elsewhere = this.#lock === null;
    // A tab that went left what it could have taken back.
    if (!this.elsewhere) await this.store.forgetRemoved(id);
    await this.reload();
    this.imports = this.#importQueueOf(id);
  }

  /** Opens the project that was changed last, if there is one. */
  async openLatest() {
    await this.list();
    const [latest] = this.projects;
    if (latest) await this.open(latest.id);
    else this.close();
  }

  close() {
    this.imports?.cancel();
    this.#lock?.release();
    this.#lock = null;
    Object.assign(this, { imports: null, elsewhere: false, project: null, examples: [], runs: [], undo: null });
  }

  async list() {
    this.projects = await this.store.projects();
    this.usage = await usage();
  }

  async reload() {
    const id = this.project?.id;
    if (!id) return;
    this.project = await this.store.project(id);
    this.examples = await this.store.examplesOf(id);
    this.runs = await this.store.runsOf(id);
    await this.list();
  }

  /**
   * Changes the open project in its turn. `plan` computes the change from the project as it is then, since earlier
   * changes may still be under way when this is called.
   */
  async edit(plan: (project: ProjectRecord) => Change) {
    await this.onProject(() => this.apply(plan));
  }

  /**
   * Changes the open project at once; call it in a turn. Returns the ids of the examples that were removed, or
   * undefined if there is no project that this tab may change.
   */
  async apply(plan: (project: ProjectRecord) => Change): Promise<string[] | undefined> {
    if (!this.project || this.elsewhere) return undefined;
    const removed = await this.store.change(plan(this.project));
    await this.reload();
    return removed;
  }

  /** Offers to undo the latest change; the one before can no longer be undone. */
  async offer(undo: Undo) {
    this.undo = undo;
    if (this.project) await this.store.forgetRemoved(this.project.id, undo.removed);
  }

  /**
   * Runs an action in its turn on the project that is open now. If another project is open by then, nothing is
   * done: the person asked for something else.
   */
  onProject<T>(action: (project: ProjectRecord) => Promise<T>): Promise<T | undefined> {
    const id = this.project?.id;
    return this.inTurn(async () => {
      const { project } = this;
      return project && project.id === id ? action(project) : undefined;
    });
  }

  /** Runs an action after all that were requested before it, and shows its error. */
  inTurn<T>(action: () => Promise<T>): Promise<T | undefined> {
    return this.#queue(() => this.attempt(action));
  }

  /** Runs an action and shows its error. */
  async attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    this.trouble = null;
    try {
      return await action();
    } catch (thrown) {
      this.trouble = thrown instanceof Error ? thrown.message : String(thrown);
      return undefined;
    } finally {
      this.#changed();
    }
  }

  #queue<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(action);
    // An action that fails must not keep the later ones from running.
    this.#turn = done.catch(() => undefined);
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
      // In its turn: what is read meanwhile may have it already, or not yet.
      added: (example) => openProject.#queue(() => openProject.#add(example)),
      changed: this.#changed,
    });
  }

  async #add(example: ExampleRecord) {
    const known = this.examples.some(({ id }) => id === example.id);
    if (this.project?.id === example.projectId && !known) this.examples = [...this.examples, example];
    this.usage = await usage();
  }
}

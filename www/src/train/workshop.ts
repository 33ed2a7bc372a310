import { type BackendChoice, Studio } from 'tonearm';
import type { Effort, ProjectContent, RecipeName, TrainSettings } from 'tonearm/project';
import { type ClipPlan, EXAMPLE_SEED, planExample, renderClip } from './example-project.js';
import { wavOf } from '../wav.js';
import type { SortedFile } from './folders.js';
import { Intake, type Offer } from './intake.js';
import { type ProjectLock, holdProject } from './lock.js';
import { contentOf, keep, newClass } from './project-content.js';
import type { ExampleRecord, ProjectRecord, RunRecord } from './records.js';
import { type Store, openStore } from './store.js';
import type { Removed } from './changes.js';
import { readTable } from './table.js';
import { trainTexts } from './texts.js';
import { Training, newRun } from './training.js';
import { type Usage, persist, usage } from './usage.js';

/** Something that can be taken back. */
export interface Undo {
  what: string;
  undo(): Promise<void>;
}

/**
 * The projects of this browser, the open one, and all that is done to it. What it says is what is
 * kept: it changes after the store has.
 */
export class Workshop {
  readonly store: Store;
  readonly studio = new Studio();
  projects: ProjectRecord[] = [];
  project: ProjectRecord | null = null;
  examples: ExampleRecord[] = [];
  runs: RunRecord[] = [];
  /** Another tab has the open project, so nothing of it can be changed here. */
  elsewhere = false;
  usage: Usage = { usage: null, quota: null, persisted: null };
  /** The latest failure, as a sentence. */
  trouble: string | null = null;
  undo: Undo | null = null;
  #intake: Intake | undefined;
  #lock: ProjectLock | null = null;
  readonly training: Training;
  readonly #changed: () => void;
  /** What was asked for last: one thing is done after the other, each on what the one before left. */
  #turn: Promise<unknown> = Promise.resolve();
  #starting = false;

  private constructor(store: Store, changed: () => void) {
    this.store = store;
    this.#changed = changed;
    this.training = new Training({
      store,
      studio: this.studio,
      changed,
      ended: (record) => this.#ended(record),
    });
  }

  /** Opens what the browser keeps, and the project that was changed last. */
  static async open(changed: () => void): Promise<Workshop> {
    const workshop = new Workshop(await openStore(), changed);
    await workshop.#attempt(async () => {
      await workshop.#list();
      const [latest] = workshop.projects;
      if (latest) await workshop.#show(latest.id);
    });
    return workshop;
  }

  get incoming() {
    return this.#intake?.incoming ?? [];
  }

  get incomingLeft() {
    return this.#intake?.left ?? 0;
  }

  cancelIncoming() {
    this.#intake?.cancel();
  }

  dismissIncoming() {
    this.#intake?.dismiss();
  }

  /** The run that is the project's model. */
  get model(): RunRecord | undefined {
    return this.runs.find(({ id }) => id === this.project?.modelRunId);
  }

  /** A run that a crash or a reload broke off, and that can go on since its files are the same. */
  get interrupted(): RunRecord | undefined {
    if (this.busy) return undefined;
    return this.runs.find(({ status, checkpoint }) => status === 'running' || status === 'paused' || (status === 'failed' && checkpoint));
  }

  async create(name: string, classes: string[]) {
    await this.#inTurn(async () => {
      const made = await this.store.createProject({ name, classes: classes.map(newClass), keepAudio: true });
      void persist();
      await this.#list();
      await this.#show(made.id);
    });
  }

  show(id: string) {
    return this.#inTurn(() => this.#show(id));
  }

  rename(name: string) {
    return this.#edit((project) => ({ ...project, name }));
  }

  async duplicate() {
    await this.#inTurn(async () => {
      const { project } = this;
      if (!project) return;
      const copy = await this.store.duplicateProject(project.id, trainTexts.copyOf(project.name));
      await this.#list();
      await this.#show(copy.id);
    });
  }

  async remove() {
    await this.#inTurn(async () => {
      const { project } = this;
      if (!project || this.busy || this.elsewhere) return;
      this.#intake?.cancel();
      await this.store.deleteProject(project.id);
      await this.#list();
      const [latest] = this.projects;
      if (latest) await this.#show(latest.id);
      else this.#close();
    });
  }

  /** Deletes all that the page keeps. */
  async clear() {
    await this.#inTurn(async () => {
      if (this.busy || this.elsewhere) return;
      this.#intake?.cancel();
      await this.store.clearAll();
      await this.#list();
      this.#close();
    });
  }

  addClass(name: string) {
    return this.#edit((project) => ({ ...project, classes: [...project.classes, newClass(name)] }));
  }

  renameClass(id: string, name: string) {
    return this.#edit((project) => ({
      ...project,
      classes: project.classes.map((each) => (each.id === id ? { ...each, name } : each)),
    }));
  }

  /** Takes a class out with its examples; it can be taken back. */
  async removeClass(id: string) {
    await this.#inTurn(async () => {
      const { project } = this;
      const gone = project?.classes.find((each) => each.id === id);
      if (!project || !gone) return;
      const index = project.classes.indexOf(gone);
      this.#intake?.drop(id);
      const ids = this.examples.filter(({ classId }) => classId === id).map((example) => example.id);
      const classes = project.classes.filter((each) => each.id !== id);
      const removed = await this.store.change({ project: { ...project, classes }, remove: ids });
      await this.#reload();
      this.undo = {
        what: trainTexts.classRemoved(gone.name),
        undo: () => this.#edit((now) => ({ ...now, classes: now.classes.toSpliced(index, 0, gone) }), removed),
      };
    });
  }

  /** Moves all examples of one class to another, and takes the empty class out. */
  async mergeClass(id: string, into: string) {
    await this.#inTurn(async () => {
      const { project } = this;
      const gone = project?.classes.find((each) => each.id === id);
      if (!project || !gone) return;
      const index = project.classes.indexOf(gone);
      this.#intake?.drop(id);
      const moved = this.examples.filter(({ classId }) => classId === id);
      const classes = project.classes.filter((each) => each.id !== id);
      await this.store.change({
        project: { ...project, classes },
        examples: moved.map((example) => ({ ...example, classId: into })),
      });
      await this.#reload();
      this.undo = {
        what: trainTexts.classMerged(gone.name, nameIn(project, into)),
        undo: () => this.#inTurn(async () => {
          const now = this.project;
          if (!now) return;
          const there = new Set(this.examples.map((example) => example.id));
          const examples = moved.filter((example) => there.has(example.id));
          await this.store.change({ project: { ...now, classes: now.classes.toSpliced(index, 0, gone) }, examples });
          await this.#reload();
        }),
      };
    });
  }

  async moveExample(id: string, classId: string) {
    await this.#inTurn(async () => {
      const example = this.examples.find((each) => each.id === id);
      if (!example) return;
      await this.store.saveExamples([{ ...example, classId }]);
      await this.#reload();
    });
  }

  async removeExample(id: string) {
    await this.#inTurn(async () => {
      const example = this.examples.find((each) => each.id === id);
      if (!example) return;
      const removed = await this.store.removeExamples([id]);
      await this.#reload();
      this.undo = {
        what: trainTexts.exampleRemoved(example.name),
        undo: () => this.#inTurn(async () => {
          await this.store.restoreExamples(removed);
          await this.#reload();
        }),
      };
    });
  }

  takeBack() {
    const { undo } = this;
    this.undo = null;
    return undo?.undo();
  }

  keepAudio(keepAudio: boolean) {
    return this.#edit((project) => ({ ...project, keepAudio }));
  }

  /** Adds files: those in folders to classes of the folders' names, the others to `classId`. */
  async addFiles(files: SortedFile[], classId: string | null) {
    const names = new Set(files.map(({ className }) => className).filter((name) => name !== null));
    await this.#edit((project) => {
      const there = new Set(project.classes.map(({ name }) => name));
      return { ...project, classes: [...project.classes, ...[...names].filter((name) => !there.has(name)).map(newClass)] };
    });
    const { project } = this;
    if (!project || this.elsewhere) return;
    const offers = files.flatMap(({ file, className, artist }): Offer[] => {
      const own = className === null ? classId : project.classes.find(({ name }) => name === className)?.id;
      return own ? [{ name: file.name, classId: own, source: file, artist }] : [];
    });
    this.#intake?.add(offers);
  }

  /** Makes the project that the page plays itself. */
  async createExample() {
    const { name, classes } = trainTexts.example;
    await this.create(name, classes);
    const byName = new Map(this.project?.classes.map((each) => [each.name, each.id]));
    const offers = planExample(EXAMPLE_SEED).flatMap((plan): Offer[] => {
      const classId = byName.get(plan.className);
      // Sounds to validate by have a player of their own in each class, so that a split keeps them back.
      const artist = trainTexts.example.players[plan.role](plan.className);
      return classId ? [{ name: plan.name, classId, artist, source: () => playExampleClip(plan) }] : [];
    });
    this.#intake?.add(offers);
  }

  /** Makes a project of a CSV. */
  async createTable(csv: File) {
    await this.#inTurn(async () => {
      const { classes, table } = readTable(await csv.text());
      const name = csv.name.replace(/\.csv$/i, '');
      const made = await this.store.createProject({ name, classes: classes.map(newClass), keepAudio: false, table });
      await this.#list();
      await this.#show(made.id);
    });
  }

  /** The settings of a recipe that need no touching. */
  readonly settings = (recipe: RecipeName, effort: Effort): Promise<TrainSettings> => this.studio.settings(recipe, effort);

  /** A run is going on, or about to. */
  get busy(): boolean {
    return this.#starting || this.training.live !== null;
  }

  /** Trains with these settings. */
  train(settings: TrainSettings, backend: BackendChoice): Promise<void> {
    return this.#start(async (project) => {
      await this.#apply((now) => ({ ...now, settings }));
      const { content, files } = await contentOf(this.store, project, this.examples);
      return { run: newRun(project.id, settings, files), content, backend };
    });
  }

  /** Goes on with a run that broke off. */
  goOn(run: RunRecord): Promise<void> {
    return this.#start(async (project) => {
      const { content, files } = await contentOf(this.store, project, this.examples);
      const told = (all: typeof files) => JSON.stringify(all.map(({ id, class: place }) => [id, place]));
      if (told(run.files) !== told(files)) throw new Error(trainTexts.filesChanged);
      return { run, content, backend: run.backend };
    });
  }

  /** Starts one run, and no second meanwhile. */
  async #start(prepare: (project: ProjectRecord) => Promise<{ run: RunRecord; content: ProjectContent; backend: BackendChoice }>): Promise<void> {
    if (this.busy || this.elsewhere) return;
    this.#starting = true;
    const ready = await this.#inTurn(async () => this.project && prepare(this.project));
    const started = ready && this.#attempt(() => this.training.start(ready.run, ready.content, ready.backend));
    this.#starting = false;
    await started;
  }

  /** Gives a run that broke off up. */
  async giveUp(run: RunRecord) {
    await this.deleteRun(run.id);
  }

  chooseRun(id: string) {
    return this.#edit((project) => ({ ...project, modelRunId: id }));
  }

  async deleteRun(id: string) {
    await this.#inTurn(async () => {
      if (this.elsewhere || this.training.live?.record.id === id) return;
      await this.store.deleteRun(id);
      await this.#reload();
    });
  }

  /** The project as one zip, with the model and the settings that made it. */
  async pack(): Promise<Uint8Array | undefined> {
    const model = this.model;
    return this.#attempt(async () => {
      const settings = model?.settings ?? this.project?.settings ?? null;
      if (!this.project) return undefined;
      const { content } = await contentOf(this.store, this.project, this.examples);
      return this.studio.pack(content, settings, model?.weights ?? null);
    });
  }

  /** Makes a project of a zip. */
  async unpack(zip: Blob) {
    await this.#inTurn(async () => {
      const made = await keep(this.store, await this.studio.unpack(zip));
      await this.#list();
      await this.#show(made.id);
    });
  }

  /** Lets go of the project, the worker and the lock. */
  close() {
    this.training.close();
    this.#close();
    this.studio.close();
  }

  async #show(id: string) {
    if (this.busy) return;
    this.#close();
    this.project = await this.store.project(id);
    if (!this.project) return;
    this.#lock = await holdProject(id);
    this.elsewhere = this.#lock === null;
    await this.#reload();
    const workshop = this;
    this.#intake = new Intake({
      store: this.store,
      studio: this.studio,
      projectId: id,
      get keepAudio() {
        return workshop.project?.keepAudio ?? false;
      },
      get examples() {
        return workshop.examples;
      },
      hasClass: (classId) => workshop.project?.classes.some((each) => each.id === classId) ?? false,
      // In its turn: what is read meanwhile may have it already, or not yet.
      added: (example) => workshop.#queue(async () => workshop.#add(example)),
      changed: this.#changed,
    });
  }

  #add(example: ExampleRecord) {
    const known = this.examples.some(({ id }) => id === example.id);
    if (this.project?.id === example.projectId && !known) this.examples = [...this.examples, example];
  }

  #close() {
    this.#intake?.cancel();
    this.#intake = undefined;
    this.#lock?.release();
    this.#lock = null;
    this.elsewhere = false;
    Object.assign(this, { project: null, examples: [], runs: [], undo: null });
  }

  async #list() {
    this.projects = await this.store.projects();
    this.usage = await usage();
  }

  async #reload() {
    const id = this.project?.id;
    if (!id) return;
    this.project = await this.store.project(id);
    this.examples = await this.store.examplesOf(id);
    this.runs = await this.store.runsOf(id);
    await this.#list();
  }

  async #ended(record: RunRecord) {
    await this.#inTurn(async () => {
      try {
        await this.store.saveRun(record);
        if (record.weights) await this.#apply((project) => ({ ...project, modelRunId: record.id }));
        await this.#reload();
      } catch (thrown) {
        // What could not be kept is still there to be saved as a file.
        this.runs = [record, ...this.runs.filter(({ id }) => id !== record.id)];
        if (this.project && record.weights) this.project = { ...this.project, modelRunId: record.id };
        throw thrown;
      }
      if (record.message) throw new Error(record.message);
    });
  }

  /** Changes the project, and puts examples back with it. */
  async #edit(change: (project: ProjectRecord) => ProjectRecord, restore?: Removed): Promise<void> {
    await this.#inTurn(() => this.#apply(change, restore));
  }

  async #apply(change: (project: ProjectRecord) => ProjectRecord, restore?: Removed): Promise<void> {
    if (!this.project || this.elsewhere) return;
    await this.store.change({ project: change(this.project), ...(restore && { restore }) });
    await this.#reload();
  }

  /** Does something when all that was asked for before is done. */
  #inTurn<T>(action: () => Promise<T>): Promise<T | undefined> {
    return this.#queue(() => this.#attempt(action));
  }

  /** The same of what cannot fail. */
  #queue<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(action);
    this.#turn = done;
    return done;
  }

  /** Does something and shows what went wrong, if anything did. */
  async #attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
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
}

function nameIn(project: ProjectRecord, id: string): string {
  return project.classes.find((each) => each.id === id)?.name ?? '';
}

/** A sound of the example project, as a file. */
async function playExampleClip(plan: ClipPlan): Promise<Blob> {
  // In a task of its own: it takes most of what a page may take at once.
  await new Promise((resolve) => setTimeout(resolve));
  const { samples, sampleRate } = renderClip(plan);
  const buffer = new AudioBuffer({ length: samples.length, sampleRate });
  buffer.copyToChannel(samples, 0);
  return wavOf(buffer);
}

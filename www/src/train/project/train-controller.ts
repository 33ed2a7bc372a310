import { TrainingClient } from 'tonearm';
import { OpenProject } from './open-project.js';
import { Editing } from './editing.js';
import { exampleItems } from '../example/example-import.js';
import { lockProject } from '../store/project-lock.js';
import { contentOf, importProject, newClass } from './project-content.js';
import type { ProjectRecord } from '../store/records.js';
import { tableOf } from '../import/read-table.js';
import { Runner } from '../run/runner.js';
import { type Store, openStore } from '../store/store.js';
import { texts } from '../../texts/texts.js';
import { persist } from '../store/usage.js';

/** Creates, opens, exports and deletes the projects of this browser. */
export class TrainController {
  readonly openProject: OpenProject;
  readonly editing: Editing;
  readonly runner: Runner;
  readonly #client = new TrainingClient();

  private constructor(store: Store, changed: () => void) {
    this.openProject = new OpenProject(store, this.#client, changed);
    this.editing = new Editing(this.openProject);
    this.runner = new Runner(this.openProject, this.#client, changed);
  }

  /** Opens the store and the project that was changed last. */
  static async open(changed: () => void): Promise<TrainController> {
    const controller = new TrainController(await openStore(), changed);
    await controller.openProject.attempt(() => controller.openProject.openLatest());
    return controller;
  }

  /** Whether the open project cannot be changed at the moment. */
  get locked(): boolean {
    return this.openProject.openInOtherTab || this.runner.busy;
  }

  create(name: string, classes: string[]) {
    return this.#createAndOpen(() => this.openProject.store.createProject({ name, classes: classes.map(newClass), keepAudio: true }));
  }

  /** Creates the example project, whose sounds the page synthesises. */
  async createExample() {
    const { name, classes } = texts.train.example;
    await this.create(name, classes);
    this.openProject.importQueue?.add(exampleItems(this.openProject.project?.classes ?? []));
  }

  /** Creates a project from a CSV file. */
  createTable(csv: File) {
    return this.#createAndOpen(async () => {
      const { classes, rows } = await tableOf(csv);
      const name = csv.name.replace(/\.csv$/i, '');
      return this.openProject.store.createProject({ name, classes: classes.map(newClass), keepAudio: false }, rows);
    });
  }

  /** Creates a project from a zip. */
  unpack(zip: Blob) {
    return this.#createAndOpen(async () => importProject(this.openProject.store, await this.#client.unpack(zip)));
  }

  /** The open project as a zip, with its model and the settings of that model. */
  async pack(): Promise<Uint8Array | undefined> {
    // Enqueued so that the zip contains every change that was requested before.
    return this.openProject.enqueueForProject(async (project) => {
      const { examples, store } = this.openProject;
      const { model } = this.runner;
      const { content } = await contentOf(store, project, examples);
      return this.#client.pack(content, model?.settings ?? project.settings ?? null, model?.weights ?? null);
    });
  }

  switchTo(id: string) {
    return this.openProject.enqueue(() => this.#open(id));
  }

  rename(name: string) {
    return this.openProject.edit((project) => ({ project: { ...project, name } }));
  }

  setKeepAudio(keepAudio: boolean) {
    return this.openProject.edit((project) => ({ project: { ...project, keepAudio } }));
  }

  /** Deletes the audio of the project's examples and keeps their features. */
  deleteAudio() {
    return this.openProject.enqueueForProject(async (project) => {
      const { openInOtherTab, store } = this.openProject;
      if (openInOtherTab) return;
      await store.deleteAudio(project.id);
      await this.openProject.reload();
    });
  }

  duplicate() {
    const { project, store } = this.openProject;
    return this.#createAndOpen(async () => project && store.duplicateProject(project.id, texts.train.copyOf(project.name)));
  }

  /** Deletes the open project. */
  deleteProject() {
    return this.openProject.enqueueForProject(({ id }) => this.#deleteAndReopen(() => this.openProject.store.deleteProject(id)));
  }

  /** Deletes all projects, unless another tab has one of them open. */
  clear() {
    return this.openProject.enqueue(() => this.#deleteAndReopen(async () => {
      const others = this.openProject.projects.filter((project) => project.id !== this.openProject.project?.id);
      const locks = await Promise.all(others.map((project) => lockProject(project.id)));
      try {
        if (locks.includes(null)) throw new Error(texts.train.clearBlocked);
        await this.openProject.store.clearAll();
      } finally {
        for (const lock of locks) lock?.release();
      }
    }));
  }

  /** Releases the project, its lock and the worker. */
  close() {
    this.runner.training.close();
    this.openProject.close();
    this.#client.close();
  }

  /** Creates a project and opens it. */
  async #createAndOpen(create: () => Promise<ProjectRecord | null>) {
    await this.openProject.enqueue(async () => {
      const created = await create();
      if (!created) return;
      void persist();
      await this.openProject.list();
      await this.#open(created.id);
    });
  }

  /** Deletes projects, including the open one, and opens the latest of the others. Call it in an enqueued action. */
  async #deleteAndReopen(deleteProjects: () => Promise<void>) {
    if (!this.openProject.project || this.locked) return;
    this.openProject.importQueue?.cancel();
    await deleteProjects();
    await this.openProject.openLatest();
  }

  async #open(id: string) {
    if (!this.runner.busy) await this.openProject.open(id);
  }
}

import { TrainingClient } from 'tonearm';
import { OpenProject } from './open-project.js';
import { Editing } from './editing.js';
import { exampleImports } from '../example/example-import.js';
import { holdProject } from '../store/project-lock.js';
import { contentOf, keep, newClass } from './project-content.js';
import type { ProjectRecord } from '../store/records.js';
import { tableOf } from '../import/read-table.js';
import { Runner } from '../run/runner.js';
import { type Store, openStore } from '../store/store.js';
import { trainTexts } from '../texts.js';
import { persist } from '../store/usage.js';

/** The projects of this browser: where they come from and go to, and what is done to the open one. */
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

  /** Opens what the browser keeps, and the project that was changed last. */
  static async open(changed: () => void): Promise<TrainController> {
    const controller = new TrainController(await openStore(), changed);
    await controller.openProject.attempt(() => controller.openProject.openLatest());
    return controller;
  }

  /** The open project cannot be changed now. */
  get locked(): boolean {
    return this.openProject.elsewhere || this.runner.busy;
  }

  create(name: string, classes: string[]) {
    return this.#make(() => this.openProject.store.createProject({ name, classes: classes.map(newClass), keepAudio: true }));
  }

  /** Makes the project that the page plays itself. */
  async createExample() {
    const { name, classes } = trainTexts.example;
    await this.create(name, classes);
    this.openProject.imports?.add(exampleImports(this.openProject.project?.classes ?? []));
  }

  /** Makes a project of a CSV. */
  createTable(csv: File) {
    return this.#make(async () => {
      const { classes, rows } = await tableOf(csv);
      const name = csv.name.replace(/\.csv$/i, '');
      return this.openProject.store.createProject({ name, classes: classes.map(newClass), keepAudio: false }, rows);
    });
  }

  /** Makes a project of a zip. */
  unpack(zip: Blob) {
    return this.#make(async () => keep(this.openProject.store, await this.#client.unpack(zip)));
  }

  /** The open project as one zip, with the model and the settings that made it. */
  async pack(): Promise<Uint8Array | undefined> {
    // In its turn, so that the zip has every change that was requested before.
    return this.openProject.onProject(async (project) => {
      const { examples, store } = this.openProject;
      const { model } = this.runner;
      const { content } = await contentOf(store, project, examples);
      return this.#client.pack(content, model?.settings ?? project.settings ?? null, model?.weights ?? null);
    });
  }

  show(id: string) {
    return this.openProject.inTurn(() => this.#open(id));
  }

  rename(name: string) {
    return this.openProject.edit((project) => ({ project: { ...project, name } }));
  }

  keepAudio(keepAudio: boolean) {
    return this.openProject.edit((project) => ({ project: { ...project, keepAudio } }));
  }

  /** Deletes the audio of the project's examples; what was heard in it stays. */
  deleteAudio() {
    return this.openProject.onProject(async (project) => {
      const { elsewhere, store } = this.openProject;
      if (elsewhere) return;
      await store.deleteAudio(project.id);
      await this.openProject.reload();
    });
  }

  duplicate() {
    const { project, store } = this.openProject;
    return this.#make(async () => project && store.duplicateProject(project.id, trainTexts.copyOf(project.name)));
  }

  /** Deletes the open project. */
  remove() {
    return this.openProject.onProject(({ id }) => this.#discard(() => this.openProject.store.deleteProject(id)));
  }

  /** Deletes all that the page keeps, unless another tab is at some of it. */
  clear() {
    return this.openProject.inTurn(() => this.#discard(async () => {
      const others = this.openProject.projects.filter((project) => project.id !== this.openProject.project?.id);
      const locks = await Promise.all(others.map((project) => holdProject(project.id)));
      try {
        if (locks.includes(null)) throw new Error(trainTexts.clearElsewhere);
        await this.openProject.store.clearAll();
      } finally {
        for (const lock of locks) lock?.release();
      }
    }));
  }

  /** Lets go of the project, the worker and the lock. */
  close() {
    this.runner.training.close();
    this.openProject.close();
    this.#client.close();
  }

  /** Makes a project and opens it. */
  async #make(make: () => Promise<ProjectRecord | null>) {
    await this.openProject.inTurn(async () => {
      const made = await make();
      if (!made) return;
      void persist();
      await this.openProject.list();
      await this.#open(made.id);
    });
  }

  /** Deletes the open project, or more, and opens the latest of the others; call it in a turn. */
  async #discard(discard: () => Promise<void>) {
    if (!this.openProject.project || this.locked) return;
    this.openProject.imports?.cancel();
    await discard();
    await this.openProject.openLatest();
  }

  async #open(id: string) {
    if (!this.runner.busy) await this.openProject.open(id);
  }
}

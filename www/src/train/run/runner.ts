import type { BackendChoice, TrainingClient } from 'tonearm';
import type { Effort, ProjectContent, RecipeName, TrainSettings } from 'tonearm/project';
import type { OpenProject } from '../project/open-project.js';
import { contentOf } from '../project/project-content.js';
import type { ProjectRecord, RunRecord } from '../store/records.js';
import { trainTexts } from '../texts.js';
import { Training, newRun } from './training.js';

/** The runs of the open project: which begins or goes on, and which is its model. */
export class Runner {
  readonly training: Training;
  readonly #openProject: OpenProject;
  readonly #client: TrainingClient;
  #starting = false;

  constructor(openProject: OpenProject, client: TrainingClient, changed: () => void) {
    this.#openProject = openProject;
    this.#client = client;
    this.training = new Training({ store: openProject.store, client, changed, ended: (record) => this.#ended(record) });
  }

  /** The settings of a recipe that need no touching. */
  readonly settings = (recipe: RecipeName, effort: Effort): Promise<TrainSettings> => this.#client.settings(recipe, effort);

  /** A run is going on, or about to. */
  get busy(): boolean {
    return this.#starting || this.training.live !== null;
  }

  /** The run that is the project's model. */
  get model(): RunRecord | undefined {
    return this.#openProject.runs.find(({ id }) => id === this.#openProject.project?.modelRunId);
  }

  /** A run that a crash or a reload broke off, and that can go on since its files are the same. */
  get interrupted(): RunRecord | undefined {
    if (this.busy) return undefined;
    return this.#openProject.runs.find(({ status, checkpoint }) => status === 'running' || status === 'paused' || (status === 'failed' && checkpoint));
  }

  /** Trains with these settings. */
  train(settings: TrainSettings, backend: BackendChoice): Promise<void> {
    return this.#start(async (project) => {
      await this.#openProject.apply((now) => ({ project: { ...now, settings } }));
      const { content, files } = await contentOf(this.#openProject.store, project, this.#openProject.examples);
      return { run: newRun(project.id, settings, files, backend), content, backend };
    });
  }

  /** Goes on with a run that broke off: where it was, or on the CPU, as somebody wants whose graphics card took the page along. */
  goOn(run: RunRecord, backend: BackendChoice = run.epochs.length > 0 ? run.backend : run.wanted): Promise<void> {
    return this.#start(async (project) => {
      const { content, files } = await contentOf(this.#openProject.store, project, this.#openProject.examples);
      const told = (all: typeof files) => JSON.stringify(all.map(({ id, class: place }) => [id, place]));
      if (told(run.files) !== told(files)) throw new Error(trainTexts.filesChanged);
      const leaves = run.backend === 'webgpu' && backend === 'cpu';
      return { run: leaves ? { ...run, fallback: trainTexts.leftCard } : run, content, backend };
    });
  }

  choose(id: string) {
    return this.#openProject.edit((project) => ({ project: { ...project, modelRunId: id } }));
  }

  async delete(id: string) {
    await this.#openProject.inTurn(async () => {
      if (this.#openProject.elsewhere || this.training.live?.record.id === id) return;
      await this.#openProject.store.deleteRun(id);
      await this.#openProject.reload();
    });
  }

  /** Starts one run, and no second meanwhile. */
  async #start(prepare: (project: ProjectRecord) => Promise<{ run: RunRecord; content: ProjectContent; backend: BackendChoice }>): Promise<void> {
    const openProject = this.#openProject;
    if (this.busy || openProject.elsewhere) return;
    this.#starting = true;
    const ready = await openProject.onProject(prepare);
    const started = ready && openProject.attempt(() => this.training.start(ready.run, ready.content, ready.backend));
    this.#starting = false;
    await started;
  }

  async #ended(record: RunRecord) {
    const openProject = this.#openProject;
    await openProject.inTurn(async () => {
      try {
        await openProject.store.saveRun(record);
        if (record.weights) await openProject.apply((project) => ({ project: { ...project, modelRunId: record.id } }));
        await openProject.reload();
      } catch (thrown) {
        // What could not be kept is still there to be saved as a file.
        openProject.runs = [record, ...openProject.runs.filter(({ id }) => id !== record.id)];
        if (openProject.project && record.weights) openProject.project = { ...openProject.project, modelRunId: record.id };
        throw thrown;
      }
      if (record.message) throw new Error(record.message);
    });
  }
}

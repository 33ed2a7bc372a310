import type { BackendChoice, TrainingClient } from 'tonearm';
import type { Effort, ProjectContent, RecipeName, TrainSettings } from 'tonearm/project';
import type { OpenProject } from '../project/open-project.js';
import { contentOf } from '../project/project-content.js';
import type { ProjectRecord, RunRecord } from '../store/records.js';
import { texts } from '../../texts/texts.js';
import { errorMessage } from '../../shared/error-message.js';
import { newRun, Training } from './training.js';

/** Starts, resumes and deletes the runs of the open project, and selects its model. */
export class Runner {
  readonly training: Training;
  readonly #openProject: OpenProject;
  readonly #client: TrainingClient;
  #starting = false;

  constructor(openProject: OpenProject, client: TrainingClient, changed: () => void) {
    this.#openProject = openProject;
    this.#client = client;
    this.training = new Training({ store: openProject.store, client, changed, ended: (record, error) => this.#ended(record, error) });
  }

  /** Default settings of a recipe. */
  readonly settings = (recipe: RecipeName, effort: Effort): Promise<TrainSettings> => this.#client.settings(recipe, effort);

  /** Whether a run is active or about to start. */
  get busy(): boolean {
    return this.#starting || this.training.live !== null;
  }

  /** The run that is the project's model. */
  get model(): RunRecord | undefined {
    return this.#openProject.runs.find(({ id }) => id === this.#openProject.project?.modelRunId);
  }

  /** A run that was interrupted by a crash or a reload, and that may be resumed. */
  get interrupted(): RunRecord | undefined {
    if (this.busy) return undefined;
    return this.#openProject.runs.find(({ status, checkpoint }) => status === 'running' || status === 'paused' || (status === 'failed' && checkpoint));
  }

  /** Starts a run with these settings. */
  train(settings: TrainSettings, backend: BackendChoice): Promise<void> {
    return this.#start(async (project) => {
      await this.#openProject.apply((now) => ({ project: { ...now, settings } }));
      const { content, files } = await contentOf(this.#openProject.store, project, this.#openProject.examples);
      return { run: newRun(project.id, settings, files, backend), content, backend };
    });
  }

  /** Resumes an interrupted run, by default on the device that it used. */
  resume(run: RunRecord, backend: BackendChoice = run.epochs.length > 0 ? run.backend : run.wanted): Promise<void> {
    return this.#start(async (project) => {
      const { content, files } = await contentOf(this.#openProject.store, project, this.#openProject.examples);
      const key = (all: typeof files) => JSON.stringify(all.map(({ id, class: label }) => [id, label]));
      if (key(run.files) !== key(files)) throw new Error(texts.train.filesChanged);
      const movesToCpu = run.backend === 'webgpu' && backend === 'cpu';
      return { run: movesToCpu ? { ...run, fallback: { code: 'resumed-on-cpu', detail: '' } } : run, content, backend };
    });
  }

  /** Makes a run the project's model. */
  choose(id: string) {
    return this.#openProject.edit((project) => ({ project: { ...project, modelRunId: id } }));
  }

  /** Names a run; an empty name removes its name. */
  rename(id: string, name: string) {
    return this.#openProject.enqueueForProject(async () => {
      if (this.#openProject.openInOtherTab) return;
      await this.#openProject.store.renameRun(id, name);
      await this.#openProject.reload();
    });
  }

  async delete(id: string) {
    await this.#openProject.enqueue(async () => {
      if (this.#openProject.openInOtherTab || this.training.live?.record.id === id) return;
      await this.#openProject.store.deleteRun(id);
      await this.#openProject.reload();
    });
  }

  /** Starts a run, unless another one is active or about to start. */
  async #start(prepare: (project: ProjectRecord) => Promise<{ run: RunRecord; content: ProjectContent; backend: BackendChoice }>): Promise<void> {
    const openProject = this.#openProject;
    if (this.busy || openProject.openInOtherTab) return;
    this.#starting = true;
    const ready = await openProject.enqueueForProject(prepare);
    const started = ready && openProject.attempt(() => this.training.start(ready.run, ready.content, ready.backend));
    this.#starting = false;
    await started;
  }

  async #ended(record: RunRecord, error: unknown) {
    const openProject = this.#openProject;
    await openProject.enqueue(async () => {
      try {
        // Together, since the project may have been closed meanwhile and can then no longer be changed here.
        await openProject.store.saveRun(record, record.weights !== null);
        await openProject.reload();
      } catch (thrown) {
        // The run could not be stored, but the user can still save its weights as a file.
        openProject.runs = [record, ...openProject.runs.filter(({ id }) => id !== record.id)];
        if (openProject.project && record.weights) openProject.project = { ...openProject.project, modelRunId: record.id };
        throw thrown;
      }
      if (error !== undefined) throw new Error(errorMessage(error), { cause: error });
    });
  }
}

import type { BackendChoice, Studio } from 'tonearm';
import type { Effort, ProjectContent, RecipeName, TrainSettings } from 'tonearm/project';
import type { Desk } from '../project/open-project.js';
import { contentOf } from '../project/project-content.js';
import type { ProjectRecord, RunRecord } from '../store/records.js';
import { trainTexts } from '../texts.js';
import { Training, newRun } from './training.js';

/** The runs of the open project: which begins or goes on, and which is its model. */
export class Runner {
  readonly training: Training;
  readonly #desk: Desk;
  readonly #studio: Studio;
  #starting = false;

  constructor(desk: Desk, studio: Studio, changed: () => void) {
    this.#desk = desk;
    this.#studio = studio;
    this.training = new Training({ store: desk.store, studio, changed, ended: (record) => this.#ended(record) });
  }

  /** The settings of a recipe that need no touching. */
  readonly settings = (recipe: RecipeName, effort: Effort): Promise<TrainSettings> => this.#studio.settings(recipe, effort);

  /** A run is going on, or about to. */
  get busy(): boolean {
    return this.#starting || this.training.live !== null;
  }

  /** The run that is the project's model. */
  get model(): RunRecord | undefined {
    return this.#desk.runs.find(({ id }) => id === this.#desk.project?.modelRunId);
  }

  /** A run that a crash or a reload broke off, and that can go on since its files are the same. */
  get interrupted(): RunRecord | undefined {
    if (this.busy) return undefined;
    return this.#desk.runs.find(({ status, checkpoint }) => status === 'running' || status === 'paused' || (status === 'failed' && checkpoint));
  }

  /** Trains with these settings. */
  train(settings: TrainSettings, backend: BackendChoice): Promise<void> {
    return this.#start(async (project) => {
      await this.#desk.apply((now) => ({ project: { ...now, settings } }));
      const { content, files } = await contentOf(this.#desk.store, project, this.#desk.examples);
      return { run: newRun(project.id, settings, files, backend), content, backend };
    });
  }

  /** Goes on with a run that broke off: where it was, or on the CPU, as somebody wants whose graphics card took the page along. */
  goOn(run: RunRecord, backend: BackendChoice = run.epochs.length > 0 ? run.backend : run.wanted): Promise<void> {
    return this.#start(async (project) => {
      const { content, files } = await contentOf(this.#desk.store, project, this.#desk.examples);
      const told = (all: typeof files) => JSON.stringify(all.map(({ id, class: place }) => [id, place]));
      if (told(run.files) !== told(files)) throw new Error(trainTexts.filesChanged);
      const leaves = run.backend === 'webgpu' && backend === 'cpu';
      return { run: leaves ? { ...run, fallback: trainTexts.leftCard } : run, content, backend };
    });
  }

  choose(id: string) {
    return this.#desk.edit((project) => ({ project: { ...project, modelRunId: id } }));
  }

  async delete(id: string) {
    await this.#desk.inTurn(async () => {
      if (this.#desk.elsewhere || this.training.live?.record.id === id) return;
      await this.#desk.store.deleteRun(id);
      await this.#desk.reload();
    });
  }

  /** Starts one run, and no second meanwhile. */
  async #start(prepare: (project: ProjectRecord) => Promise<{ run: RunRecord; content: ProjectContent; backend: BackendChoice }>): Promise<void> {
    const desk = this.#desk;
    if (this.busy || desk.elsewhere) return;
    this.#starting = true;
    const ready = await desk.onProject(prepare);
    const started = ready && desk.attempt(() => this.training.start(ready.run, ready.content, ready.backend));
    this.#starting = false;
    await started;
  }

  async #ended(record: RunRecord) {
    const desk = this.#desk;
    await desk.inTurn(async () => {
      try {
        await desk.store.saveRun(record);
        if (record.weights) await desk.apply((project) => ({ project: { ...project, modelRunId: record.id } }));
        await desk.reload();
      } catch (thrown) {
        // What could not be kept is still there to be saved as a file.
        desk.runs = [record, ...desk.runs.filter(({ id }) => id !== record.id)];
        if (desk.project && record.weights) desk.project = { ...desk.project, modelRunId: record.id };
        throw thrown;
      }
      if (record.message) throw new Error(record.message);
    });
  }
}

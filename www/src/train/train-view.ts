import { LitElement, type PropertyValues, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { paletteStyles } from 'tonearm';
import { isPending } from '../shared/pending-modules.js';
import { focusRing } from '../shared/shared-styles.js';
import type { Theme } from '../page/theme.js';
import { classCards } from './classes/class-cards.js';
import { keepFocus } from '../shared/focus.js';
import { type SortedFile, chosenFiles, droppedFiles, sorted } from './import/folders.js';
import { PreviewPlayer } from './classes/preview-player.js';
import { incomingFiles } from './import/import-list.js';
import { projectBar } from './project/project-bar.js';
import { Recorder } from './record/recorder.js';
import type { ProjectRecord, RunRecord } from './store/records.js';
import { resultsPart } from './report/results-part.js';
import { trainTexts } from './texts.js';
import { controls } from './train-styles.js';
import { trainViewStyles } from './train-view-styles.js';
import { sentenceOf } from './run/training.js';
import { trainingPart } from './run/training-part.js';
import { welcome } from './project/welcome.js';
import { TrainController } from './project/train-controller.js';

/** Opens a dialogue in which files are chosen. */
export type Pick = (what: 'zip' | 'csv' | 'folder') => void;

/** Plays an example, or stops it. */
export type Hear = (exampleId: string) => void;

/**
 * `<train-view>`: classes, files, training, and what came of it.
 *
 * @fires use-weights - `detail` is `{ name, weights }`, a classifier for Listen.
 */
@customElement('train-view')
export class TrainView extends LitElement {
  static override styles = [paletteStyles, focusRing, controls, trainViewStyles];

  @property() theme: Theme = 'light';
  /** Whether the view is the one that is looked at: only then it takes what is dropped. */
  @property({ type: Boolean }) shown = false;
  @state() private controller: TrainController | null = null;
  /** Why nothing can be opened, as a sentence. */
  @state() private failure = '';
  readonly #preview = new PreviewPlayer(() => this.requestUpdate());
  readonly #recorder = new Recorder({
    changed: () => this.requestUpdate(),
    window: ({ classId, file, group }) => {
      // A class that was taken out meanwhile gets nothing.
      if (this.#has(classId)) void this.controller?.editing.addFiles([{ file, className: null, artist: group }], classId);
    },
  });
  #opening = false;
  /** The latest attempt to open, which has closed what it opened if the view left the page meanwhile. */
  #opened: Promise<void> = Promise.resolve();
  /** From the arrival on the page to the departure from it; aborted then. */
  #visit = new AbortController();
  /** The latest example that was to be played. */
  #wanted = 0;

  constructor() {
    super();
    keepFocus(this);
  }

  override connectedCallback() {
    super.connectedCallback();
    addEventListener('dragover', this.#onDragOver);
    addEventListener('drop', this.#onDrop);
    addEventListener('pagehide', this.#onLeave);
    addEventListener('pageshow', this.#onReturn);
    this.#onReturn();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener('dragover', this.#onDragOver);
    removeEventListener('drop', this.#onDrop);
    removeEventListener('pagehide', this.#onLeave);
    removeEventListener('pageshow', this.#onReturn);
    this.#onLeave();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    const { controller } = this;
    const { classId } = this.#recorder;
    if (classId !== null && !this.#has(classId)) this.#recorder.drop();
    else if (controller?.openProject.elsewhere || controller?.runner.training.live) this.#recorder.stop();
    if (changed.has('shown') && !this.shown) {
      this.#recorder.stop();
      this.#silence();
    }
  }

  protected override updated() {
    // Nothing is opened before somebody comes here.
    if (this.shown && !this.#opening) this.#open();
  }

  #has(classId: string): boolean {
    return this.controller?.openProject.project?.classes.some(({ id }) => id === classId) ?? false;
  }

  #open() {
    this.#opening = true;
    // Ids, digests and locks are refused to pages that come unencrypted from elsewhere.
    if (!isSecureContext) return void (this.failure = trainTexts.unsafe);
    if (isPending('train')) return void (this.failure = trainTexts.beingBuilt);
    const { signal } = this.#visit;
    // After an earlier attempt, which may hold the lock of the same project until it has ended.
    this.#opened = this.#opened.then(() => this.#openFor(signal));
  }

  /** Opens the controller for one visit; if that is over, closes it again, so that no lock stays held. */
  async #openFor(visit: AbortSignal) {
    if (visit.aborted) return;
    try {
      const controller = await TrainController.open(() => this.requestUpdate());
      if (visit.aborted) controller.close();
      else Object.assign(this, { controller, failure: '' });
    } catch (thrown) {
      if (!visit.aborted) this.failure = sentenceOf(thrown);
    }
  }

  protected override render() {
    const { controller } = this;
    const headline = html`<h1>${trainTexts.headline}</h1>`;
    if (!controller) return this.failure ? html`${headline} ${alarm(this.failure)}` : nothing;
    const { project } = controller.openProject;
    return html`
      ${headline}
      ${project ? this.#project(controller, project) : html`<p class="lead">${trainTexts.lead}</p>
            ${this.#notes(controller)} ${welcome(controller, this.#pick)}`}
      <input class="zip hidden" type="file" accept=".zip,application/zip" @change=${this.#onZip} />
      <input class="csv hidden" type="file" accept=".csv,text/csv" @change=${this.#onCsv} />
      <input class="folder hidden" type="file" webkitdirectory @change=${this.#onFolder} />
    `;
  }

  #project(controller: TrainController, project: ProjectRecord) {
    const { id: playing } = this.#preview;
    const recording = this.#recorder.classId !== null;
    return html`
      ${projectBar(controller, project, this.#pick)} ${this.#notes(controller)}
      ${project.table ? tableFacts(project) : classCards(controller, project, this.#recorder, playing, this.#hear, this.#pick)}
      ${incomingFiles(controller.openProject.imports, recording)} ${trainingPart(controller, project, recording, this.theme)}
      ${resultsPart(controller, project, this.theme, playing, this.#hear, this.#use)}
    `;
  }

  /** What has to be said of the project as a whole. */
  #notes({ openProject, editing }: TrainController) {
    const note = (said: string) => html`<div class="note" role="status"><p>${said}</p></div>`;
    const { undo, trouble } = openProject;
    return html`
      ${openProject.elsewhere ? note(trainTexts.elsewhere) : nothing} ${openProject.store.persistent ? nothing : note(trainTexts.memoryOnly)}
      ${trouble ? alarm(trouble) : nothing}
      <div role="status">
        ${undo
          ? html`<div class="note" data-next=".cards">
              <p>${undo.what}</p>
              <button type="button" @click=${() => editing.takeBack()}>${trainTexts.undo}</button>
            </div>`
          : nothing}
      </div>
    `;
  }

  readonly #pick: Pick = (what) => this.renderRoot.querySelector<HTMLInputElement>(`input.${what}`)?.click();

  readonly #hear: Hear = async (id) => {
    const { openProject } = this.controller ?? {};
    // Rows of a table are silent.
    if (!openProject || openProject.project?.table) return;
    const wanted = ++this.#wanted;
    const audio = await openProject.attempt(async () => {
      const kept = await openProject.store.audio(id);
      if (!kept) throw new Error(trainTexts.notKept);
      return kept;
    });
    // Another one was chosen, or the view left, while it was read.
    if (audio && wanted === this.#wanted) this.#preview.toggle(id, audio);
  };

  #silence() {
    this.#wanted++;
    this.#preview.stop();
  }

  #use = ({ weights }: RunRecord) => {
    const name = this.controller?.openProject.project?.name;
    if (weights) this.dispatchEvent(new CustomEvent('use-weights', { detail: { name, weights } }));
  };

  #onZip = (event: Event) => {
    const [zip] = chosen(event);
    if (zip) void this.controller?.unpack(zip);
  };

  #onCsv = (event: Event) => {
    const [csv] = chosen(event);
    if (csv) void this.controller?.createTable(csv);
  };

  #onFolder = (event: Event) => this.#addSorted(sorted(chosenFiles(chosen(event))));

  async #addSorted(files: SortedFile[]) {
    const { controller } = this;
    if (!controller || files.length === 0) return;
    const { project } = controller.openProject;
    // A table has no place for sounds; and those that lie in no folder want a class.
    const classes = files.some(({ className }) => className === null) ? [trainTexts.nextClass(1)] : [];
    if (!project || project.table) await controller.create(trainTexts.untitled, classes);
    await controller.editing.addFiles(files, controller.openProject.project?.classes[0]?.id ?? null);
  }

  #onDragOver = (event: DragEvent) => {
    if (this.shown && event.dataTransfer?.types.includes('Files')) event.preventDefault();
  };

  #onDrop = async (event: DragEvent) => {
    if (!this.shown || !event.dataTransfer) return;
    event.preventDefault();
    const files = await droppedFiles(event.dataTransfer);
    if (this.controller?.runner.busy) return;
    // Of a dropped folder, only the sounds are meant.
    const dropped = (ending: string) => files.find(({ file, folders }) => folders.length === 0 && file.name.toLowerCase().endsWith(ending))?.file;
    const [zip, csv] = [dropped('.zip'), dropped('.csv')];
    if (zip) return void this.controller?.unpack(zip);
    if (csv) return void this.controller?.createTable(csv);
    await this.#addSorted(sorted(files));
  };

  #onLeave = () => {
    this.#visit.abort();
    this.#silence();
    this.#recorder.drop();
    this.controller?.close();
    this.controller = null;
  };

  /** The page comes back as it was left, and what was let go of is taken up again. */
  #onReturn = (event?: PageTransitionEvent) => {
    if (event && !event.persisted) return;
    if (this.#visit.signal.aborted) this.#visit = new AbortController();
    this.#opening = this.controller !== null;
    this.requestUpdate();
  };
}

function alarm(trouble: string) {
  return html`<div class="note" role="alert"><p class="trouble">${trouble}</p></div>`;
}

/** The classes of a table, and how many rows each has. */
function tableFacts({ classes, table }: ProjectRecord) {
  if (!table) return nothing;
  const { is, count } = trainTexts.table;
  const n = table.counts.reduce((sum, each) => sum + each, 0);
  return html`<p>${is(n, table.columns.join(', '))}</p>
    <p class="quiet">${classes.map(({ name }, index) => count(name, table.counts[index] ?? 0)).join(', ')}</p>`;
}

/** What was chosen with a dialogue, in which the same can be chosen again. */
function chosen({ target }: Event): File[] {
  const picker = target as HTMLInputElement;
  const files = [...(picker.files ?? [])];
  picker.value = '';
  return files;
}

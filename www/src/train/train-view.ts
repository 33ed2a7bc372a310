import { LitElement, type PropertyValues, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { list } from 'tonearm/page';
import { isPending } from '../shared/pending-modules.js';
import { controls, focusRing } from '../shared/shared-styles.js';
import type { Theme } from '../page/theme.js';
import { classCards } from './classes/class-cards.js';
import { keepFocus } from '../shared/focus.js';
import { type FileKind, type OpenFileDialog, fileInputs } from './import/file-dialogs.js';
import { type SortedFile, chosenFiles, droppedFiles, sortIntoClasses } from './import/folders.js';
import { type PlayExample, PreviewPlayer } from './classes/preview-player.js';
import { importList } from './import/import-list.js';
import { projectBar } from './project/project-bar.js';
import { Recorder } from './record/recorder.js';
import type { ProjectRecord, RunRecord } from './store/records.js';
import { resultsPart } from './report/results-part.js';
import { texts } from '../texts/texts.js';
import { trainStyles } from './train-styles.js';
import { trainViewStyles } from './train-view-styles.js';
import { errorMessage } from '../shared/error-message.js';
import { trainingPart } from './run/training-part.js';
import { welcome } from './project/welcome.js';
import { TrainController } from './project/train-controller.js';

/**
 * `<train-view>`: a project's classes and files, its training, and its results.
 *
 * @fires use-weights - `detail` is `{ name, weights }`, a classifier for Listen.
 */
@customElement('train-view')
export class TrainView extends LitElement {
  static override styles = [focusRing, controls, trainStyles, trainViewStyles];

  @property() theme: Theme = 'light';
  /** Whether this view is the visible one. A hidden view ignores dropped files. */
  @property({ type: Boolean }) shown = false;
  @state() private controller: TrainController | null = null;
  /** Why no project can be opened, as a message for the user. */
  @state() private failure = '';
  readonly #preview = new PreviewPlayer(() => this.requestUpdate());
  readonly #recorder = new Recorder({
    changed: () => this.requestUpdate(),
    window: ({ classId, file, group }) => {
      // The class may have been removed while the file was written.
      if (this.#hasClass(classId)) void this.controller?.editing.addFiles([{ file, className: null, artist: group }], classId);
    },
  });
  #openingRequested = false;
  /** Settles when the latest attempt to open has ended. An attempt whose visit ended closes what it opened. */
  #opened: Promise<void> = Promise.resolve();
  /** Aborted when the view leaves the page or the page is hidden. */
  #visit = new AbortController();
  /** Number of playback requests so far, which identifies the latest one. */
  #playRequests = 0;

  constructor() {
    super();
    keepFocus(this);
  }

  override connectedCallback() {
    super.connectedCallback();
    addEventListener('dragover', this.#onDragOver);
    addEventListener('drop', this.#onDrop);
    addEventListener('pagehide', this.#onPageHide);
    addEventListener('pageshow', this.#onPageShow);
    this.#onPageShow();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener('dragover', this.#onDragOver);
    removeEventListener('drop', this.#onDrop);
    removeEventListener('pagehide', this.#onPageHide);
    removeEventListener('pageshow', this.#onPageShow);
    this.#onPageHide();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    const { controller } = this;
    const { classId } = this.#recorder;
    if (classId !== null && !this.#hasClass(classId)) this.#recorder.discard();
    else if (controller?.openProject.openInOtherTab || controller?.runner.training.live) this.#recorder.stop();
    if (changed.has('shown') && !this.shown) {
      this.#recorder.stop();
      this.#stopPlayback();
    }
  }

  protected override updated() {
    // Opening is deferred until the view is first shown.
    if (this.shown && !this.#openingRequested) this.#open();
  }

  #hasClass(classId: string): boolean {
    return this.controller?.openProject.project?.classes.some(({ id }) => id === classId) ?? false;
  }

  #open() {
    this.#openingRequested = true;
    // `crypto.randomUUID`, `crypto.subtle` and `navigator.locks` exist only in secure contexts.
    if (!isSecureContext) return void (this.failure = texts.train.insecure);
    if (isPending('train')) return void (this.failure = texts.train.beingBuilt);
    const { signal } = this.#visit;
    // An earlier attempt may hold the lock of the same project until it ends.
    this.#opened = this.#opened.then(() => this.#openFor(signal));
  }

  /** Opens the controller for one visit, and closes it again if the visit has ended, so that it releases its lock. */
  async #openFor(visit: AbortSignal) {
    if (visit.aborted) return;
    try {
      const controller = await TrainController.open(() => this.requestUpdate());
      if (visit.aborted) controller.close();
      else Object.assign(this, { controller, failure: '' });
    } catch (thrown) {
      if (!visit.aborted) this.failure = errorMessage(thrown);
    }
  }

  protected override render() {
    const { controller } = this;
    const headline = html`<h1>${texts.train.headline}</h1>`;
    if (!controller) return this.failure ? html`${headline} ${errorNotice(this.failure)}` : nothing;
    const { project } = controller.openProject;
    return html`
      ${headline}
      ${project ? this.#project(controller, project) : html`<p class="lead">${texts.train.lead}</p>
            ${this.#notices(controller)} ${welcome(controller, this.#openFileDialog)}`}
      ${fileInputs(this.#onFiles)}
    `;
  }

  #project(controller: TrainController, project: ProjectRecord) {
    const { playingId } = this.#preview;
    const recording = this.#recorder.classId !== null;
    return html`
      ${projectBar(controller, project, this.#openFileDialog)} ${this.#notices(controller)}
      ${project.table ? tableSummary(project) : classCards(controller, project, this.#recorder, playingId, this.#playExample, this.#openFileDialog)}
      ${importList(controller.openProject.importQueue, recording)} ${trainingPart(controller, project, recording, this.theme)}
      ${resultsPart(controller, project, this.theme, playingId, this.#playExample, this.#useWeights)}
    `;
  }

  /** Notices about the project as a whole. */
  #notices({ openProject, editing }: TrainController) {
    const notice = (text: string) => html`<div class="note" role="status"><p>${text}</p></div>`;
    const { undo, error } = openProject;
    return html`
      ${openProject.openInOtherTab ? notice(texts.train.openInOtherTab) : nothing}
      ${openProject.store.persistent ? nothing : notice(texts.train.memoryOnly)} ${error ? errorNotice(error) : nothing}
      <div role="status">
        ${undo
          ? html`<div class="note" data-next=".cards">
              <p>${undo.message}</p>
              <button type="button" @click=${() => editing.undo()}>${texts.train.undo}</button>
            </div>`
          : nothing}
      </div>
    `;
  }

  readonly #openFileDialog: OpenFileDialog = (kind) => this.renderRoot.querySelector<HTMLInputElement>(`input.${kind}`)?.click();

  readonly #playExample: PlayExample = async (id) => {
    const { openProject } = this.controller ?? {};
    // The rows of a table have no audio.
    if (!openProject || openProject.project?.table) return;
    // Its audio may have been deleted since.
    if (id === this.#preview.playingId) return this.#stopPlayback();
    const request = ++this.#playRequests;
    const audio = await openProject.attempt(async () => {
      const stored = await openProject.store.audio(id);
      if (!stored) throw new Error(texts.train.audioNotStored);
      return stored;
    });
    // While the audio was read, another example may have been chosen or the view hidden.
    if (audio && request === this.#playRequests) this.#preview.toggle(id, audio);
  };

  #stopPlayback() {
    this.#playRequests++;
    this.#preview.stop();
  }

  #useWeights = ({ weights }: RunRecord) => {
    const name = this.controller?.openProject.project?.name;
    if (weights) this.dispatchEvent(new CustomEvent('use-weights', { detail: { name, weights } }));
  };

  #onFiles = (kind: FileKind, files: File[]) => {
    const [file] = files;
    if (kind === 'folder') return void this.#addSorted(sortIntoClasses(chosenFiles(files)));
    if (file) void (kind === 'zip' ? this.controller?.unpack(file) : this.controller?.createTable(file));
  };

  async #addSorted(files: SortedFile[]) {
    const { controller } = this;
    if (!controller || files.length === 0) return;
    const { project } = controller.openProject;
    // Files outside any folder need a class; a project with a table cannot hold audio files.
    const classes = files.some(({ className }) => className === null) ? [texts.train.nextClass(1)] : [];
    if (!project || project.table) await controller.create(texts.train.untitled, classes);
    await controller.editing.addFiles(files, controller.openProject.project?.classes[0]?.id ?? null);
  }

  #onDragOver = (event: DragEvent) => {
    if (this.shown && event.dataTransfer?.types.includes('Files')) event.preventDefault();
  };

  #onDrop = async (event: DragEvent) => {
    // Text that is dropped into a field stays with the browser.
    if (!this.shown || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const files = await droppedFiles(event.dataTransfer);
    if (this.controller?.runner.busy) return;
    // A zip or CSV inside a dropped folder is ignored.
    const dropped = (extension: string) => files.find(({ file, folders }) => folders.length === 0 && file.name.toLowerCase().endsWith(extension))?.file;
    const [zip, csv] = [dropped('.zip'), dropped('.csv')];
    if (zip) return void this.controller?.unpack(zip);
    if (csv) return void this.controller?.createTable(csv);
    await this.#addSorted(sortIntoClasses(files));
  };

  #onPageHide = () => {
    this.#visit.abort();
    this.#stopPlayback();
    this.#recorder.discard();
    this.controller?.close();
    this.controller = null;
  };

  /** Reopens the project when the page returns from the back/forward cache. */
  #onPageShow = (event?: PageTransitionEvent) => {
    if (event && !event.persisted) return;
    if (this.#visit.signal.aborted) this.#visit = new AbortController();
    this.#openingRequested = this.controller !== null;
    this.requestUpdate();
  };
}

function errorNotice(error: string) {
  return html`<div class="note" role="alert"><p class="error">${error}</p></div>`;
}

/** The columns of a table and the number of rows in each class. */
function tableSummary({ classes, table }: ProjectRecord) {
  if (!table) return nothing;
  const { summary, count } = texts.train.table;
  const n = table.counts.reduce((sum, each) => sum + each, 0);
  return html`<p>${summary(n, list(table.columns))}</p>
    <p class="quiet">${list(classes.map(({ name }, index) => count(name, table.counts[index] ?? 0)))}</p>`;
}

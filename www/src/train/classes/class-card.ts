import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { controls, focusRing } from '../../shared/shared-styles.js';
import { CLASS, EXAMPLE, dragData, hasDragData } from './drag-types.js';
import './example-list.js';
import { RowFocus, openByArrow } from '../../shared/focus.js';
import { chosenFiles, droppedFiles, sortIntoClasses } from '../import/folders.js';
import { type Move, moveList, moveListStyles } from './move-list.js';
import { type Placement, place } from '../project/placement.js';
import '../record/record-panel.js';
import { takeFiles } from '../import/file-dialogs.js';
import type { Recorder, RecordingState } from '../record/recorder.js';
import type { ExampleRecord, ProjectClass } from '../store/records.js';
import { trainStyles } from '../train-styles.js';
import { texts } from '../../texts/texts.js';

/** Number of examples that a card shows until "Show more" is pressed. */
const INITIAL_EXAMPLES = 6;

/**
 * `<class-card>`: one class with its examples and the buttons that add examples. The events of
 * `<example-list>` bubble through it.
 *
 * @fires place-class - `detail` is `{ id, placement }`: the class to move, and its new position.
 * @fires add-files - `detail` is an array of `SortedFile`.
 * @fires rename-class - `detail` is the new name.
 * @fires remove-class
 * @fires merge-class - `detail` is the id of the class to merge into.
 * @fires move-example - `detail` is `{ id, classId }`: an example that was dragged here, and the id of this class.
 */
@customElement('class-card')
export class ClassCard extends LitElement {
  static override styles = [
    focusRing,
    controls,
    trainStyles,
    moveListStyles,
    css`
      :host { display: block; border: 1px solid var(--_line); border-radius: var(--_radius-large); padding: var(--_space-3) var(--_space-4) var(--_space-4); background: var(--_paper); min-inline-size: 0; }
      :host(.over) { border-color: var(--_accent); }
      .head { display: flex; gap: var(--_space-2); align-items: center; }
      .swatch { inline-size: 12px; block-size: 12px; border-radius: 50%; flex: none; }
      .handle { display: grid; place-items: center; inline-size: 28px; block-size: 40px; margin: 0 -8px; flex: none; }
      .handle[draggable='true'] { cursor: grab; }
      input.name { flex: 1; min-inline-size: 0; font-size: var(--_text); font-weight: 600; border-color: transparent; padding-inline: var(--_space-1); }
      input.name:hover:enabled { border-color: var(--_line); }
      .count { margin: 0 0 var(--_space-2); padding-inline-start: 25px; font-size: var(--_text-small); color: var(--_quiet); font-variant-numeric: tabular-nums; }
      /* Aligns the icon itself, not its padding, with the edge. */
      .head > :last-child { margin-inline-end: -8px; }
      .head .move { margin-inline-end: -4px; }
      .files { display: none; }
      .drop { flex: 1 0 100%; min-block-size: 128px; display: grid; align-content: center; gap: var(--_space-1); border-style: dashed; background: var(--_well); }
      .drop:hover:enabled { border-color: var(--_accent); }
      record-panel { margin-block-start: var(--_space-3); }
    `,
  ];

  @property({ attribute: false }) class!: ProjectClass;
  /** All classes, in display order. */
  @property({ attribute: false }) classes: ProjectClass[] = [];
  @property({ attribute: false }) examples: ExampleRecord[] = [];
  @property() colour = 'currentColor';
  @property({ type: Boolean }) locked = false;
  @property() playing: string | null = null;
  @property({ attribute: false }) recorder!: Recorder;
  @property() recordingState: RecordingState = 'idle';
  /** Number of files recorded so far. */
  @property({ type: Number }) windows = 0;
  /** Why recording for this class failed. */
  @property() error: string | null = null;
  @state() private showAll = false;
  @state() private recordPanelOpen = false;
  @query('.files') private fileInput!: HTMLInputElement;
  /** Keeps the focus on the list of moves, which moves the class. */
  readonly #rowFocus = new RowFocus();

  override connectedCallback() {
    super.connectedCallback();
    this.addEventListener('dragover', this.#onDragOver);
    this.addEventListener('dragleave', this.#onDragLeave);
    this.addEventListener('drop', this.#onDrop);
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.removeEventListener('dragover', this.#onDragOver);
    this.removeEventListener('dragleave', this.#onDragLeave);
    this.removeEventListener('drop', this.#onDrop);
  }

  /** Focuses the button that removes the class. */
  override focus() {
    this.renderRoot.querySelector<HTMLElement>('.head button')?.focus();
  }

  protected override updated() {
    if (this.#rowFocus.next(this.classes.map(({ id }) => id))) this.renderRoot.querySelector<HTMLElement>('.head select')?.focus();
  }

  protected override render() {
    const { name } = this.class;
    const minutes = this.examples.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
    const limit = this.showAll ? Infinity : INITIAL_EXAMPLES;
    const more = this.examples.length - limit;
    const others = this.classes.filter(({ id }) => id !== this.class.id);
    const moves = this.#moves();
    const empty = this.examples.length === 0;
    const busy = this.recordingState !== 'idle';
    const open = busy || (this.recordPanelOpen && !this.locked);
    return html`
      <div class="head">
        <span class="handle" draggable=${this.locked ? 'false' : 'true'} title=${texts.train.dragClass} @dragstart=${this.#onDragStart}
          ><span class="swatch" .style=${`background:${this.colour}`}></span
        ></span>
        <input
          class="name"
          dir="auto"
          .value=${name}
          aria-label=${texts.train.className}
          ?disabled=${this.locked}
          @change=${(e: Event) => this.#emit('rename-class', (e.target as HTMLInputElement).value.trim())}
        />
        ${moves.length > 0 ? moveList(texts.train.moveClass(name), this.locked, moves) : nothing}
        <button class="icon" type="button" ?disabled=${this.locked} aria-label=${texts.train.removeClass(name)} @click=${() => this.#emit('remove-class')}>×</button>
      </div>
      <p class="count">${empty ? texts.train.noFiles : texts.train.count(this.examples.length, minutes)}</p>
      <example-list
        .name=${texts.train.examplesOf(name)}
        .examples=${this.examples}
        .limit=${limit}
        .others=${others}
        .locked=${this.locked}
        .playing=${this.playing}
        @place-example=${this.#onPlaceExample}
        @emptied=${() => this.renderRoot.querySelector<HTMLElement>('.add')?.focus()}
      ></example-list>
      <div class="row">
        <button class=${empty ? 'add drop' : 'add'} type="button" ?disabled=${this.locked} @click=${() => this.fileInput.click()}>
          ${texts.train.addFiles}${empty ? html`<span class="quiet">${texts.train.dropHere}</span>` : nothing}
        </button>
        <button
          type="button"
          aria-expanded=${open ? 'true' : 'false'}
          aria-label=${texts.train.record.openFor(name)}
          ?disabled=${this.locked || busy}
          @click=${() => (this.recordPanelOpen = !this.recordPanelOpen)}
        >
          ${texts.train.record.open}
        </button>
        ${more > 0 ? html`<button class="plain" type="button" @click=${() => (this.showAll = true)}>${texts.train.showMore(more)}</button>` : nothing}
        ${others.length > 0 && !empty ? this.#merge(name, others) : nothing}
      </div>
      ${open
        ? html`<record-panel .recorder=${this.recorder} .classId=${this.class.id} .recordingState=${this.recordingState} .windows=${this.windows} .error=${this.error}></record-panel>`
        : nothing}
      <input class="files" type="file" multiple accept="audio/*,.mp3,.wav,.flac,.ogg,.opus,.m4a,.aac" @change=${this.#onChosen} />
    `;
  }

  #moves(): Move[] {
    const { earlier, later } = texts.train.moves;
    const index = this.classes.findIndex(({ id }) => id === this.class.id);
    const move = (name: string, by: number) => ({ name, apply: () => this.#placeClass(index, { by }) });
    return [...(index > 0 ? [move(earlier, -1)] : []), ...(index < this.classes.length - 1 ? [move(later, 1)] : [])];
  }

  #placeClass(from: number, placement: Placement) {
    this.#rowFocus.leave(this.class.id, from);
    this.#emit('place-class', { id: this.class.id, placement });
  }

  #merge(name: string, others: ProjectClass[]) {
    return html`<select aria-label=${texts.train.merge(name)} ?disabled=${this.locked} @keydown=${openByArrow} @change=${this.#onMerge}>
      <option value="" selected>${texts.train.mergeInto}</option>
      ${others.map((other) => html`<option value=${other.id}>${other.name}</option>`)}
    </select>`;
  }

  #onMerge = (event: Event) => {
    const select = event.target as HTMLSelectElement;
    const { value } = select;
    select.value = '';
    if (value) this.#emit('merge-class', value);
  };

  #onChosen = () => {
    this.#add(sortIntoClasses(chosenFiles(takeFiles(this.fileInput))));
  };

  /** Shows all examples if one moves beyond those that are shown, so that it stays visible. */
  #onPlaceExample = ({ detail }: CustomEvent<{ id: string; placement: Placement }>) => {
    const index = place(this.examples, detail.id, detail.placement).findIndex(({ id }) => id === detail.id);
    if (index >= INITIAL_EXAMPLES) this.showAll = true;
  };

  #onDragStart = ({ dataTransfer }: DragEvent) => {
    dataTransfer?.setData(CLASS, this.class.id);
    dataTransfer?.setDragImage(this, 0, 0);
  };

  #onDragOver = (event: DragEvent) => {
    if (this.locked || event.defaultPrevented || !['Files', EXAMPLE, CLASS].some((type) => hasDragData(event, type))) return;
    event.preventDefault();
    this.classList.add('over');
  };

  #onDragLeave = () => this.classList.remove('over');

  #onDrop = async (event: DragEvent) => {
    this.classList.remove('over');
    if (this.locked || event.defaultPrevented || !event.dataTransfer) return;
    event.preventDefault();
    event.stopPropagation();
    const [classId, exampleId] = [dragData(event, CLASS), dragData(event, EXAMPLE)];
    if (classId) return this.#emit('place-class', { id: classId, placement: { placeOf: this.class.id } });
    if (exampleId) return this.#emit('move-example', { id: exampleId, classId: this.class.id });
    // Files dropped on a class belong to that class, so their outer folder is read as the artist.
    this.#add(sortIntoClasses(await droppedFiles(event.dataTransfer)).map((file) => ({ ...file, className: null, artist: file.artist ?? file.className })));
  };

  #add(files: ReturnType<typeof sortIntoClasses>) {
    if (files.length > 0) this.#emit('add-files', files);
  }

  #emit(type: string, detail?: unknown) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

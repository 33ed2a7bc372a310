import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { focusRing } from '../../shared/shared-styles.js';
import { CLASS, EXAMPLE, dragData, hasDragData } from './drag-types.js';
import './example-list.js';
import { focusIsLost, openByArrow } from '../../shared/focus.js';
import { chosenFiles, droppedFiles, sorted } from '../import/folders.js';
import { type Move, moveList, moveListStyles } from './move-list.js';
import { type Placement, place } from '../project/placement.js';
import '../record/record-panel.js';
import type { Recorder } from '../record/recorder.js';
import type { ExampleRecord, ProjectClass } from '../store/records.js';
import { controls } from '../train-styles.js';
import { trainTexts } from '../texts.js';

/** Examples that a card shows before it is asked for more. */
const SHOWN = 6;

/**
 * `<class-card>`: one class, its examples, and where more of them go in. What `<example-list>` fires
 * comes out of it.
 *
 * @fires place-class - `detail` is `{ id, placement }`: the class of that id is to move there.
 * @fires add-files - `detail` is a list of sorted files.
 * @fires rename-class - `detail` is the new name.
 * @fires remove-class
 * @fires merge-class - `detail` is the id of the class to merge into.
 * @fires move-example - `detail` is `{ id, classId }`, of an example that was dragged here.
 */
@customElement('class-card')
export class ClassCard extends LitElement {
  static override styles = [
    focusRing,
    controls,
    moveListStyles,
    css`
      :host { display: block; border: 1px solid var(--line); border-radius: 12px; padding: 12px 16px 16px; background: var(--paper); min-inline-size: 0; }
      :host(.over) { border-color: var(--accent); }
      .head { display: flex; gap: 8px; align-items: center; }
      .swatch { inline-size: 12px; block-size: 12px; border-radius: 50%; flex: none; }
      .handle { display: grid; place-items: center; inline-size: 28px; block-size: 40px; margin: 0 -8px; flex: none; }
      .handle[draggable='true'] { cursor: grab; }
      input.name { flex: 1; min-inline-size: 0; font-size: 16px; font-weight: 600; border-color: transparent; padding-inline: 4px; }
      input.name:hover:enabled { border-color: var(--line); }
      .count { margin: 0 0 8px; padding-inline-start: 25px; font-size: 13px; color: var(--quiet); font-variant-numeric: tabular-nums; }
      /* The sign, not the room around it, stands at the edge. */
      .head > :last-child { margin-inline-end: -8px; }
      .head .move { margin-inline-end: -4px; }
      .files { display: none; }
      .drop { flex: 1 0 100%; min-block-size: 128px; display: grid; align-content: center; gap: 4px; border-style: dashed; background: var(--well); }
      .drop:hover:enabled { border-color: var(--accent); }
      record-panel { margin-block-start: 12px; }
    `,
  ];

  @property({ attribute: false }) class!: ProjectClass;
  /** All classes, in their order. */
  @property({ attribute: false }) classes: ProjectClass[] = [];
  @property({ attribute: false }) examples: ExampleRecord[] = [];
  @property() colour = 'currentColor';
  @property({ type: Boolean }) locked = false;
  @property() playing: string | null = null;
  @property({ attribute: false }) recorder!: Recorder;
  /** What the recorder is at for this class. */
  @property() recording: 'nothing' | 'asking' | 'recording' = 'nothing';
  @property({ type: Number }) windows = 0;
  /** Why it could not be recorded for this class. */
  @property() trouble: string | null = null;
  @state() private all = false;
  @state() private choosing = false;
  @query('.files') private picker!: HTMLInputElement;
  /** The place that the class is leaving by its list, which is to keep the focus. */
  #leaving: number | undefined;

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

  /** Gives the focus to the button that takes the class out. */
  override focus() {
    this.renderRoot.querySelector<HTMLElement>('.head button')?.focus();
  }

  protected override updated() {
    if (this.#leaving === undefined || this.classes[this.#leaving]?.id === this.class.id) return;
    this.#leaving = undefined;
    if (focusIsLost()) this.renderRoot.querySelector<HTMLElement>('.head select')?.focus();
  }

  protected override render() {
    const { name } = this.class;
    const minutes = this.examples.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
    const most = this.all ? Infinity : SHOWN;
    const more = this.examples.length - most;
    const others = this.classes.filter(({ id }) => id !== this.class.id);
    const moves = this.#moves();
    const empty = this.examples.length === 0;
    const busy = this.recording !== 'nothing';
    const open = busy || (this.choosing && !this.locked);
    return html`
      <div class="head">
        <span class="handle" draggable=${this.locked ? 'false' : 'true'} title=${trainTexts.dragClass} @dragstart=${this.#onDragStart}
          ><span class="swatch" .style=${`background:${this.colour}`}></span
        ></span>
        <input
          class="name"
          .value=${name}
          aria-label=${trainTexts.className}
          ?disabled=${this.locked}
          @change=${(e: Event) => this.#emit('rename-class', (e.target as HTMLInputElement).value.trim())}
        />
        ${moves.length > 0 ? moveList(trainTexts.moveClass(name), this.locked, moves) : nothing}
        <button class="icon" type="button" ?disabled=${this.locked} aria-label=${trainTexts.removeClass(name)} @click=${() => this.#emit('remove-class')}>×</button>
      </div>
      <p class="count">${trainTexts.count(this.examples.length, minutes)}</p>
      <example-list
        .name=${trainTexts.examplesOf(name)}
        .examples=${this.examples}
        .most=${most}
        .others=${others}
        .locked=${this.locked}
        .playing=${this.playing}
        @place-example=${this.#onPlace}
        @emptied=${() => this.renderRoot.querySelector<HTMLElement>('.add')?.focus()}
      ></example-list>
      <div class="row">
        <button class=${empty ? 'add drop' : 'add'} type="button" ?disabled=${this.locked} @click=${() => this.picker.click()}>
          ${trainTexts.addFiles}${empty ? html`<span class="quiet">${trainTexts.dropHere}</span>` : nothing}
        </button>
        <button
          type="button"
          aria-expanded=${open ? 'true' : 'false'}
          aria-label=${trainTexts.record.of(name)}
          ?disabled=${this.locked || busy}
          @click=${() => (this.choosing = !this.choosing)}
        >
          ${trainTexts.record.open}
        </button>
        ${more > 0 ? html`<button class="plain" type="button" @click=${() => (this.all = true)}>${trainTexts.more(more)}</button>` : nothing}
        ${others.length > 0 && !empty ? this.#merge(name, others) : nothing}
      </div>
      ${open
        ? html`<record-panel .recorder=${this.recorder} .classId=${this.class.id} .at=${this.recording} .windows=${this.windows} .trouble=${this.trouble}></record-panel>`
        : nothing}
      <input class="files" type="file" multiple accept="audio/*,.mp3,.wav,.flac,.ogg,.opus,.m4a,.aac" @change=${this.#onChosen} />
    `;
  }

  #moves(): Move[] {
    const { earlier, later } = trainTexts.moves;
    const index = this.classes.findIndex(({ id }) => id === this.class.id);
    const move = (name: string, by: number) => ({ name, go: () => this.#place(index, { by }) });
    return [...(index > 0 ? [move(earlier, -1)] : []), ...(index < this.classes.length - 1 ? [move(later, 1)] : [])];
  }

  #place(from: number, placement: Placement) {
    this.#leaving = from;
    this.#emit('place-class', { id: this.class.id, placement });
  }

  #merge(name: string, others: ProjectClass[]) {
    return html`<select aria-label=${trainTexts.merge(name)} ?disabled=${this.locked} @keydown=${openByArrow} @change=${this.#onMerge}>
      <option value="" selected>${trainTexts.mergeInto}</option>
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
    const files = sorted(chosenFiles(this.picker.files ?? []));
    this.picker.value = '';
    this.#add(files);
  };

  /** An example that moves beyond those that are shown must not disappear. */
  #onPlace = ({ detail }: CustomEvent<{ id: string; placement: Placement }>) => {
    const index = place(this.examples, detail.id, detail.placement).findIndex(({ id }) => id === detail.id);
    if (index >= SHOWN) this.all = true;
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
    // What is dropped on a class is of that class, whatever folder it lies in.
    this.#add(sorted(await droppedFiles(event.dataTransfer)).map((file) => ({ ...file, className: null, artist: file.artist ?? file.className })));
  };

  #add(files: ReturnType<typeof sorted>) {
    if (files.length > 0) this.#emit('add-files', files);
  }

  #emit(type: string, detail?: unknown) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

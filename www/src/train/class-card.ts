import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { clock } from 'tonearm';
import { focusRing } from '../shared-styles.js';
import { focusIsLost, openByArrow } from './focus.js';
import { chosenFiles, droppedFiles, sorted } from './folders.js';
import './record-panel.js';
import type { Recorder } from './recorder.js';
import type { ExampleRecord, ProjectClass } from './records.js';
import { controls } from './train-styles.js';
import { trainTexts } from './texts.js';

/** Examples that a card shows before it is asked for more. */
const SHOWN = 6;

/**
 * `<class-card>`: one class, its examples, and where more of them go in.
 *
 * @fires add-files - `detail` is a list of sorted files.
 * @fires rename-class - `detail` is the new name.
 * @fires remove-class
 * @fires merge-class - `detail` is the id of the class to merge into.
 * @fires move-example - `detail` is `{ id, classId }`.
 * @fires remove-example - `detail` is an example's id.
 * @fires hear-example - `detail` is an example's id.
 */
@customElement('class-card')
export class ClassCard extends LitElement {
  static override styles = [
    focusRing,
    controls,
    css`
      :host { display: block; border: 1px solid var(--line); border-radius: 12px; padding: 12px 16px 16px; background: var(--paper); min-inline-size: 0; }
      :host(.over) { border-color: var(--accent); }
      .head { display: flex; gap: 8px; align-items: center; }
      .swatch { inline-size: 12px; block-size: 12px; border-radius: 50%; flex: none; }
      input.name { flex: 1; min-inline-size: 0; font-size: 16px; font-weight: 600; border-color: transparent; padding-inline: 4px; }
      input.name:hover:enabled { border-color: var(--line); }
      .count { margin: 0 0 8px; padding-inline-start: 25px; font-size: 13px; color: var(--quiet); font-variant-numeric: tabular-nums; }
      /* The signs, not the room around them, stand at the edges. */
      .head button, li > :last-child { margin-inline-end: -8px; }
      li > .icon:first-child { margin-inline-start: -8px; }
      ul { list-style: none; margin: 0 0 12px; padding: 0 8px; margin-inline: -8px; display: grid; gap: 2px; max-block-size: 264px; overflow-y: auto; }
      li { display: flex; align-items: center; gap: 4px; font-size: 14px; min-inline-size: 0; }
      li .title { flex: 1; min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      li .time { color: var(--quiet); font-size: 13px; font-variant-numeric: tabular-nums; }
      .files { display: none; }
      .drop { flex: 1 0 100%; min-block-size: 128px; display: grid; align-content: center; gap: 4px; border-style: dashed; background: var(--well); }
      .drop:hover:enabled { border-color: var(--accent); }
      record-panel { margin-block-start: 12px; }
      /* A list that looks like the signs beside it. */
      .move { position: relative; display: grid; place-items: center; inline-size: 32px; block-size: 32px; flex: none; color: var(--quiet); border-radius: 8px; }
      .move:hover { color: var(--ink); }
      .move:has(:focus-visible) { outline: 2px solid var(--accent); }
      .move select { position: absolute; inset: 0; inline-size: 100%; min-block-size: 0; padding: 0; opacity: 0; cursor: pointer; }
    `,
  ];

  @property({ attribute: false }) class!: ProjectClass;
  @property({ attribute: false }) others: ProjectClass[] = [];
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
  /** The example that a person wants gone from here, and its place in the list. */
  #leaving: { id: string; index: number } | undefined;

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
    const { id, index } = this.#leaving ?? {};
    if (id === undefined || index === undefined || this.examples.some((example) => example.id === id)) return;
    this.#leaving = undefined;
    if (!focusIsLost()) return;
    // The button that was pressed is gone; what is nearest to it takes the focus.
    const buttons = this.renderRoot.querySelectorAll<HTMLElement>('li > button:last-child');
    const nearest = buttons[Math.min(index, buttons.length - 1)] ?? this.renderRoot.querySelector<HTMLElement>('.add');
    nearest?.focus();
  }

  protected override render() {
    const { name } = this.class;
    const minutes = this.examples.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
    const shown = this.all ? this.examples : this.examples.slice(0, SHOWN);
    const more = this.examples.length - shown.length;
    const empty = this.examples.length === 0;
    const busy = this.recording !== 'nothing';
    const open = busy || (this.choosing && !this.locked);
    return html`
      <div class="head">
        <span class="swatch" .style=${`background:${this.colour}`}></span>
        <input
          class="name"
          .value=${name}
          aria-label=${trainTexts.className}
          ?disabled=${this.locked}
          @change=${(e: Event) => this.#emit('rename-class', (e.target as HTMLInputElement).value.trim())}
        />
        <button class="icon" type="button" ?disabled=${this.locked} aria-label=${trainTexts.removeClass(name)} @click=${() => this.#emit('remove-class')}>×</button>
      </div>
      <p class="count">${trainTexts.count(this.examples.length, minutes)}</p>
      ${shown.length > 0 ? html`<ul aria-label=${trainTexts.examplesOf(name)}>${repeat(shown, ({ id }) => id, (example, index) => this.#row(example, index))}</ul>` : nothing}
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
        ${this.others.length > 0 && this.examples.length > 0 ? this.#merge(name) : nothing}
      </div>
      ${open
        ? html`<record-panel .recorder=${this.recorder} .classId=${this.class.id} .at=${this.recording} .windows=${this.windows} .trouble=${this.trouble}></record-panel>`
        : nothing}
      <input class="files" type="file" multiple accept="audio/*,.mp3,.wav,.flac,.ogg,.opus,.m4a,.aac" @change=${this.#onChosen} />
    `;
  }

  #row({ id, name, seconds, hasAudio, artist }: ExampleRecord, index: number) {
    const playing = this.playing === id;
    return html`<li>
      ${hasAudio
        ? html`<button class="icon" type="button" aria-pressed=${playing} aria-label=${trainTexts.hear(name)} @click=${() => this.#emit('hear-example', id)}>${playing ? '■' : '▶'}</button>`
        : nothing}
      <span class="title" title=${artist ? `${name} (${artist})` : name}>${name}</span>
      <span class="time">${clock(Math.round(seconds))}</span>
      ${this.others.length > 0
        ? html`<span class="move"
            ><span aria-hidden="true">⇄</span
            ><select aria-label=${trainTexts.move(name)} ?disabled=${this.locked} @keydown=${openByArrow} @change=${(e: Event) => this.#move(id, index, (e.target as HTMLSelectElement).value)}>
              <option value=${this.class.id} selected>${trainTexts.moveTo}</option>
              ${this.others.map((other) => html`<option value=${other.id}>${other.name}</option>`)}
            </select></span
          >`
        : nothing}
      <button class="icon" type="button" ?disabled=${this.locked} aria-label=${trainTexts.removeExample(name)} @click=${() => this.#remove(id, index)}>×</button>
    </li>`;
  }

  #remove(id: string, index: number) {
    this.#leaving = { id, index };
    this.#emit('remove-example', id);
  }

  #move(id: string, index: number, classId: string) {
    this.#leaving = { id, index };
    this.#emit('move-example', { id, classId });
  }

  #merge(name: string) {
    return html`<select aria-label=${trainTexts.merge(name)} ?disabled=${this.locked} @keydown=${openByArrow} @change=${this.#onMerge}>
      <option value="" selected>${trainTexts.mergeInto}</option>
      ${this.others.map((other) => html`<option value=${other.id}>${other.name}</option>`)}
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

  #onDragOver = (event: DragEvent) => {
    if (this.locked || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.classList.add('over');
  };

  #onDragLeave = () => this.classList.remove('over');

  #onDrop = async (event: DragEvent) => {
    if (this.locked || !event.dataTransfer) return;
    event.preventDefault();
    event.stopPropagation();
    this.classList.remove('over');
    // What is dropped on a class is of that class, whatever folder it lies in.
    this.#add(sorted(await droppedFiles(event.dataTransfer)).map((file) => ({ ...file, className: null })));
  };

  #add(files: ReturnType<typeof sorted>) {
    if (files.length > 0) this.#emit('add-files', files);
  }

  #emit(type: string, detail?: unknown) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

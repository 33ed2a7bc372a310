import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { clock } from 'tonearm';
import { focusRing } from '../shared-styles.js';
import { chosenFiles, droppedFiles, sorted } from './folders.js';
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
      :host { display: block; border: 1px solid var(--line); border-radius: 12px; padding: 16px; background: var(--paper); min-inline-size: 0; }
      :host(.over) { border-color: var(--accent); }
      .head { display: flex; gap: 8px; align-items: center; }
      .swatch { inline-size: 12px; block-size: 12px; border-radius: 50%; flex: none; }
      input.name { flex: 1; min-inline-size: 0; font-weight: 600; border-color: transparent; padding-inline: 4px; }
      input.name:hover { border-color: var(--line); }
      .count { margin: 4px 0 8px; font-size: 13px; color: var(--quiet); font-variant-numeric: tabular-nums; }
      ul { list-style: none; margin: 0 0 8px; padding: 0; display: grid; gap: 2px; max-block-size: 264px; overflow-y: auto; }
      li { display: flex; align-items: center; gap: 4px; font-size: 14px; }
      li .title { flex: 1; min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      li .time { color: var(--quiet); font-size: 13px; font-variant-numeric: tabular-nums; }
      .row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
      .files { display: none; }
      li select { max-inline-size: 88px; font-size: 13px; min-block-size: 32px; }
    `,
  ];

  @property({ attribute: false }) class!: ProjectClass;
  @property({ attribute: false }) others: ProjectClass[] = [];
  @property({ attribute: false }) examples: ExampleRecord[] = [];
  @property() colour = 'currentColor';
  @property({ type: Boolean }) locked = false;
  @property() playing: string | null = null;
  @state() private all = false;
  @query('.files') private picker!: HTMLInputElement;

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

  protected override render() {
    const { name } = this.class;
    const minutes = this.examples.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
    const shown = this.all ? this.examples : this.examples.slice(0, SHOWN);
    const more = this.examples.length - shown.length;
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
      ${shown.length > 0 ? html`<ul aria-label=${trainTexts.examplesOf(name)}>${shown.map((example) => this.#row(example))}</ul>` : nothing}
      <div class="row">
        <button type="button" ?disabled=${this.locked} @click=${() => this.picker.click()}>${trainTexts.addFiles}</button>
        ${more > 0 ? html`<button class="plain" type="button" @click=${() => (this.all = true)}>${trainTexts.more(more)}</button>` : nothing}
        ${this.others.length > 0 && this.examples.length > 0 ? this.#merge(name) : nothing}
      </div>
      <input class="files" type="file" multiple accept="audio/*,.mp3,.wav,.flac,.ogg,.opus,.m4a,.aac" @change=${this.#onChosen} />
    `;
  }

  #row({ id, name, seconds, hasAudio, artist }: ExampleRecord) {
    const playing = this.playing === id;
    return html`<li>
      ${hasAudio
        ? html`<button class="icon" type="button" aria-pressed=${playing} aria-label=${trainTexts.hear(name)} @click=${() => this.#emit('hear-example', id)}>${playing ? '■' : '▶'}</button>`
        : nothing}
      <span class="title" title=${artist ? `${name} (${artist})` : name}>${name}</span>
      <span class="time">${clock(Math.round(seconds))}</span>
      ${this.others.length > 0
        ? html`<select aria-label=${trainTexts.move(name)} ?disabled=${this.locked} @change=${(e: Event) => this.#emit('move-example', { id, classId: (e.target as HTMLSelectElement).value })}>
            <option value=${this.class.id} selected>${trainTexts.moveTo}</option>
            ${this.others.map((other) => html`<option value=${other.id}>${other.name}</option>`)}
          </select>`
        : nothing}
      <button class="icon" type="button" ?disabled=${this.locked} aria-label=${trainTexts.removeExample(name)} @click=${() => this.#emit('remove-example', id)}>×</button>
    </li>`;
  }

  #merge(name: string) {
    return html`<select aria-label=${trainTexts.merge(name)} ?disabled=${this.locked} @change=${this.#onMerge}>
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

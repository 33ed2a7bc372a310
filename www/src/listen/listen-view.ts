import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { NETWORKS, type NetworkName, type Prediction } from 'tonearm';
import { titleOf } from 'tonearm/page';
import 'tonearm/element';
import type { ToneArm, ToneArmState } from 'tonearm/element';
import { backendInAddress, networkInAddress } from '../page/address.js';
import './drop-target.js';
import type { DropTarget } from './drop-target.js';
import './echo-nest-table.js';
import type { EchoNestTable } from './echo-nest-table.js';
import '../embed/embed-code.js';
import { renderExample } from './example.js';
import { texts } from '../texts/texts.js';
import type { Theme } from '../page/theme.js';
import { controls, focusRing, medium, viewHeading, visuallyHidden } from '../shared/shared-styles.js';
import './track-list.js';
import { type TrackEntry, newTrack } from './tracks.js';

/** `<listen-view>`: accepts songs, queues them for analysis and shows the result of one. */
@customElement('listen-view')
export class ListenView extends LitElement {
  static override styles = [
    focusRing,
    viewHeading,
    controls,
    visuallyHidden,
    css`
      :host { display: block; overflow-wrap: break-word; }
      :host([hidden]), [hidden] { display: none !important; }
      h1:not(.visually-hidden) { margin-block-end: var(--_space-6); }
      .empty { display: grid; grid-template-columns: minmax(0, 1fr) 240px; gap: var(--_space-8); align-items: center; }
      .try-example { display: grid; gap: var(--_space-2); justify-items: start; }
      .try-example p { margin: 0; color: var(--_quiet); font-size: var(--_text-small); }
      .try-example strong { font-size: var(--_text); color: var(--_ink); }
      .tracks { display: grid; grid-template-columns: 240px minmax(0, 1fr); gap: var(--_space-10); padding-block-start: var(--_space-4); }
      aside { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--_space-4); align-content: start; }
      .add { display: flex; flex-wrap: wrap; gap: var(--_space-2); }
      .network { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--_space-1); font-size: var(--_text-small); color: var(--_quiet); }
      .drag-over { outline: 2px dashed var(--_accent); outline-offset: 12px; border-radius: var(--_radius); }
      @media ${medium} {
        .empty, .tracks { grid-template-columns: minmax(0, 1fr); gap: var(--_space-6); }
        h1:not(.visually-hidden) { margin-block: var(--_space-2) var(--_space-4); }
      }
    `,
  ];

  @property() theme: Theme = 'light';
  /** Whether this view handles files that are dropped on the page. */
  @property({ attribute: false }) acceptsDrops = true;
  /** The visitor's own classifiers, as `[name, URL of the weights]`. */
  @state() private ownClassifiers: [string, string][] = [];
  /** URL of the weights of the selected own classifier; undefined if a shipped network is selected. */
  @state() private weights: string | undefined;
  @state() private tracks: TrackEntry[] = [];
  @state() private network: NetworkName = networkInAddress();
  @state() private openId = -1;
  @state() private dragOver = false;
  @state() private renderingExample = false;
  @query('drop-target') private picker!: DropTarget;

  override connectedCallback() {
    super.connectedCallback();
    addEventListener('dragover', this.#onDragOver);
    addEventListener('dragleave', this.#onDragLeave);
    addEventListener('drop', this.#onDrop);
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener('dragover', this.#onDragOver);
    removeEventListener('dragleave', this.#onDragLeave);
    removeEventListener('drop', this.#onDrop);
  }

  protected override render() {
    const empty = this.tracks.length === 0;
    const ownName = this.ownClassifiers.find(([, url]) => url === this.weights)?.[0];
    return html`
      <h1 class=${empty ? '' : 'visually-hidden'}>${texts.listen.headline}</h1>
      <div class="empty" ?hidden=${!empty}>
        <drop-target .dragOver=${this.dragOver} @choose-files=${(e: CustomEvent<File[]>) => this.#add(e.detail)}></drop-target>
        <div class="try-example">
          ${ownName ? html`<p role="status">${texts.listen.usesOwn(ownName)}</p>` : nothing}
          <strong>${texts.listen.noSong}</strong>
          <p>${texts.listen.exampleHint}</p>
          ${this.#exampleButton()}
        </div>
      </div>
      <div class="tracks ${this.dragOver ? 'drag-over' : ''}" ?hidden=${empty}>
        <aside>
          <track-list
            .tracks=${this.tracks}
            .openId=${this.openId}
            @open-track=${(e: CustomEvent<number>) => this.#show(e.detail)}
            @remove-track=${(e: CustomEvent<number>) => this.#remove(e.detail)}
          ></track-list>
          <div class="add">
            <button type="button" @click=${() => this.picker.choose()}>${texts.listen.add}</button>
            ${this.#exampleButton()}
          </div>
          <label class="network">${texts.listen.network}
            <select @change=${this.#onNetwork}>
              ${NETWORKS.map((name) => html`<option value=${name} ?selected=${!this.weights && name === this.network}>${texts.listen.networks[name]}</option>`)}
              ${this.ownClassifiers.length > 0
                ? html`<optgroup label=${texts.listen.ownClassifiers}>${this.ownClassifiers.map(([name, url]) => html`<option value=${url} ?selected=${url === this.weights}>${name}</option>`)}</optgroup>`
                : nothing}
            </select>
          </label>
        </aside>
        <div>${repeat(this.tracks, ({ id }) => id, (track) => this.#element(track))}</div>
      </div>
      <echo-nest-table></echo-nest-table>
      <embed-code .network=${this.network} .ownWeights=${this.weights !== undefined}></embed-code>
    `;
  }

  /** Focuses the next step: choosing songs if there are none, and otherwise choosing a network. */
  override focus() {
    if (this.tracks.length === 0) this.picker.focus();
    else this.renderRoot.querySelector<HTMLElement>('.network select')?.focus();
  }

  #exampleButton() {
    return html`<button type="button" ?disabled=${this.renderingExample} @click=${this.#onExample}>
      ${this.renderingExample ? texts.listen.exampleWait : texts.listen.example}
    </button>`;
  }

  #element(track: TrackEntry) {
    return html`<tone-arm
      data-id=${track.id}
      ?hidden=${track.id !== this.openId}
      .theme=${this.theme}
      .network=${this.network}
      .weights=${this.weights}
      .backend=${backendInAddress()}
      preload="none"
      @tonearm-progress=${(e: CustomEvent<{ state: ToneArmState; progress: number }>) => this.#update(track, e.detail)}
      @tonearm-prediction=${(e: CustomEvent<Prediction>) => this.#update(track, { state: 'done', prediction: e.detail })}
      @tonearm-error=${() => this.#update(track, { state: 'failed' })}
    ></tone-arm>`;
  }

  #arm(id: number): ToneArm | null {
    return this.renderRoot.querySelector<ToneArm>(`tone-arm[data-id="${id}"]`);
  }

  /** Handles dropped files by type: tables are classified, weights become a classifier, and all others are songs. */
  #handleDropped(files: File[]) {
    const hasExtension = (extension: string) => (file: File) => file.name.toLowerCase().endsWith(extension);
    const [isTable, isWeights] = [hasExtension('.csv'), hasExtension('.bpk')];
    for (const table of files.filter(isTable)) void this.renderRoot.querySelector<EchoNestTable>('echo-nest-table')?.read(table);
    for (const weights of files.filter(isWeights)) this.useWeights(titleOf(weights.name), weights);
    void this.#add(files.filter((file) => !isTable(file) && !isWeights(file)));
  }

  /** Queues songs, and opens the first one unless the open track is still being analysed. */
  async #add(files: File[]) {
    const added = files.map(newTrack);
    const [first] = added;
    if (!first) return;
    if (!this.#arm(this.openId)?.busy) this.#show(first.id);
    this.tracks = [...this.tracks, ...added];
    await this.updateComplete;
    for (const { id, file } of added) void this.#arm(id)?.classify(file);
  }

  #show(id: number) {
    this.#arm(this.openId)?.pause();
    this.openId = id;
  }

  #remove(id: number) {
    const index = this.tracks.findIndex((track) => track.id === id);
    this.tracks = this.tracks.filter((track) => track.id !== id);
    const next = this.tracks[Math.min(index, this.tracks.length - 1)];
    if (id === this.openId) this.openId = next?.id ?? -1;
    void this.#focusAfterRemoval();
  }

  /** Moves the focus to the nearest control, since the pressed button was removed. */
  async #focusAfterRemoval() {
    await this.updateComplete;
    if (this.tracks.length === 0) this.picker.focus();
    else this.renderRoot.querySelector<HTMLElement>('track-list')?.focus();
  }

  #update(track: TrackEntry, changes: Partial<TrackEntry>) {
    Object.assign(track, changes);
    this.tracks = [...this.tracks];
  }

  /** Adds a classifier of the visitor's own and selects it. */
  useWeights(name: string, weights: Blob) {
    const url = URL.createObjectURL(weights);
    this.ownClassifiers = [...this.ownClassifiers, [name, url]];
    this.weights = url;
  }

  #onNetwork = (event: Event) => {
    const { value } = event.target as HTMLSelectElement;
    const isOwn = this.ownClassifiers.some(([, url]) => url === value);
    this.weights = isOwn ? value : undefined;
    if (!isOwn) this.network = value as NetworkName;
  };

  #onExample = async () => {
    this.renderingExample = true;
    try {
      await this.#add([new File([await renderExample()], texts.listen.exampleName, { type: 'audio/wav' })]);
    } finally {
      this.renderingExample = false;
    }
  };

  #onDragOver = (event: DragEvent) => {
    if (!this.acceptsDrops || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.dragOver = true;
  };

  #onDragLeave = (event: DragEvent) => {
    // `relatedTarget` is null only when the pointer leaves the page.
    if (event.relatedTarget === null) this.dragOver = false;
  };

  #onDrop = (event: DragEvent) => {
    // Text that is dropped into a field stays with the browser.
    if (!this.acceptsDrops || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.dragOver = false;
    location.hash = 'listen';
    this.#handleDropped([...event.dataTransfer.files]);
  };
}

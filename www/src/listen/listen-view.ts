import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { NETWORKS, type NetworkName, type Prediction, titleOf } from 'tonearm';
import 'tonearm/element';
import type { ToneArm, ToneArmState } from 'tonearm/element';
import { backendInAddress, networkInAddress } from '../page/address.js';
import './drop-target.js';
import type { DropTarget } from './drop-target.js';
import './echo-nest-table.js';
import type { EchoNestTable } from './echo-nest-table.js';
import '../embed/embed-code.js';
import { playExample } from './example.js';
import { focusRing } from '../shared/shared-styles.js';
import { texts } from '../page/texts.js';
import type { Theme } from '../page/theme.js';
import './track-list.js';
import { type TrackEntry, newTrack } from './tracks.js';

/** `<listen-view>`: takes songs, queues them, shows one. */
@customElement('listen-view')
export class ListenView extends LitElement {
  static override styles = [
    focusRing,
    css`
      :host { display: block; }
      :host([hidden]), [hidden] { display: none !important; }
      h1 { font-size: clamp(28px, 5vw, 40px); line-height: 1.2; letter-spacing: -0.02em; font-weight: 700; margin: 24px 0; }
      .visually-hidden { position: absolute; inline-size: 1px; block-size: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
      .empty { display: grid; grid-template-columns: minmax(0, 1fr) 240px; gap: 32px; align-items: center; }
      .beside { display: grid; gap: 8px; justify-items: start; }
      .beside p { margin: 0; color: var(--quiet); font-size: 14px; }
      .beside strong { font-size: 16px; color: var(--ink); }
      .tracks { display: grid; grid-template-columns: 240px minmax(0, 1fr); gap: 40px; padding-block-start: 16px; }
      aside { display: grid; gap: 16px; align-content: start; }
      .more { display: flex; flex-wrap: wrap; gap: 8px; }
      .network { display: grid; gap: 4px; font-size: 14px; color: var(--quiet); }
      select { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 8px; min-block-size: 40px; padding: 0 8px; max-inline-size: 100%; }
      .over { outline: 2px dashed var(--accent); outline-offset: 12px; border-radius: 8px; }
      button { font: inherit; font-size: 14px; color: var(--ink); background: none; border: 1px solid var(--line); border-radius: 8px; min-block-size: 40px; padding: 0 16px; cursor: pointer; }
      button:hover { border-color: var(--quiet); }
      button:disabled { color: var(--quiet); cursor: default; }
      button.main { color: var(--on-accent); background: var(--accent); border-color: var(--accent); font-weight: 600; }
      @media (max-width: 800px) {
        .empty, .tracks { grid-template-columns: minmax(0, 1fr); gap: 24px; }
        h1 { margin: 8px 0 16px; }
      }
    `,
  ];

  @property() theme: Theme = 'light';
  /** Whether it takes what is dropped on the page. */
  @property({ attribute: false }) takesDrops = true;
  /** Classifiers that people trained themselves, `[name, address]`. */
  @state() private own: [string, string][] = [];
  /** Address of the one of them that answers; none for a shipped network. */
  @state() private weights: string | undefined;
  @state() private tracks: TrackEntry[] = [];
  @state() private network: NetworkName = networkInAddress();
  @state() private open = -1;
  @state() private over = false;
  @state() private playing = false;
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
    const own = this.own.find(([, address]) => address === this.weights)?.[0];
    return html`
      <h1 class=${empty ? '' : 'visually-hidden'}>${texts.headline}</h1>
      <div class="empty" ?hidden=${!empty}>
        <drop-target .over=${this.over} @choose-files=${(e: CustomEvent<File[]>) => this.#add(e.detail)}></drop-target>
        <div class="beside">
          ${own ? html`<p role="status">${texts.yourAnswers(own)}</p>` : nothing}
          <strong>${texts.noSong}</strong>
          <p>${texts.exampleIs}</p>
          ${this.#exampleButton()}
        </div>
      </div>
      <div class="tracks ${this.over ? 'over' : ''}" ?hidden=${empty}>
        <aside>
          <track-list
            .tracks=${this.tracks}
            .open=${this.open}
            @open-track=${(e: CustomEvent<number>) => this.#show(e.detail)}
            @remove-track=${(e: CustomEvent<number>) => this.#remove(e.detail)}
          ></track-list>
          <div class="more">
            <button type="button" @click=${() => this.picker.choose()}>${texts.add}</button>
            ${this.#exampleButton()}
          </div>
          <label class="network">${texts.network}
            <select @change=${this.#onNetwork}>
              ${NETWORKS.map((name) => html`<option value=${name} ?selected=${!this.weights && name === this.network}>${texts.networks[name]}</option>`)}
              ${this.own.length > 0
                ? html`<optgroup label=${texts.yours}>${this.own.map(([name, address]) => html`<option value=${address} ?selected=${address === this.weights}>${name}</option>`)}</optgroup>`
                : nothing}
            </select>
          </label>
        </aside>
        <div>${repeat(this.tracks, ({ id }) => id, (track) => this.#element(track))}</div>
      </div>
      <echo-nest-table></echo-nest-table>
      <embed-code .network=${this.network} .own=${this.weights !== undefined}></embed-code>
    `;
  }

  /** Gives the focus to what comes next: to choose songs, or who answers. */
  override focus() {
    if (this.tracks.length === 0) this.picker.focus();
    else this.renderRoot.querySelector<HTMLElement>('.network select')?.focus();
  }

  #exampleButton() {
    return html`<button type="button" ?disabled=${this.playing} @click=${this.#onExample}>
      ${this.playing ? texts.exampleWait : texts.example}
    </button>`;
  }

  #element(track: TrackEntry) {
    return html`<tone-arm
      data-id=${track.id}
      ?hidden=${track.id !== this.open}
      .theme=${this.theme}
      .network=${this.network}
      .weights=${this.weights}
      .backend=${backendInAddress()}
      preload="none"
      @tonearm-progress=${(e: CustomEvent<{ state: ToneArmState; progress: number }>) => this.#change(track, e.detail)}
      @tonearm-prediction=${(e: CustomEvent<Prediction>) => this.#change(track, { state: 'done', prediction: e.detail })}
      @tonearm-error=${() => this.#change(track, { state: 'failed' })}
    ></tone-arm>`;
  }

  #arm(id: number): ToneArm | null {
    return this.renderRoot.querySelector<ToneArm>(`tone-arm[data-id="${id}"]`);
  }

  /** Takes what is dropped: tables to the table, weights to answer with, everything else is a song. */
  #take(files: File[]) {
    const ends = (ending: string) => (file: File) => file.name.toLowerCase().endsWith(ending);
    const [isTable, isWeights] = [ends('.csv'), ends('.bpk')];
    for (const table of files.filter(isTable)) void this.renderRoot.querySelector<EchoNestTable>('echo-nest-table')?.read(table);
    for (const weights of files.filter(isWeights)) this.use(titleOf(weights.name), weights);
    void this.#add(files.filter((file) => !isTable(file) && !isWeights(file)));
  }

  /** Queues songs. The first of them is opened if none is, or none is at work. */
  async #add(files: File[]) {
    const added = files.map(newTrack);
    const [first] = added;
    if (!first) return;
    if (!this.#arm(this.open)?.busy) this.#show(first.id);
    this.tracks = [...this.tracks, ...added];
    await this.updateComplete;
    for (const { id, file } of added) void this.#arm(id)?.classify(file);
  }

  #show(id: number) {
    this.#arm(this.open)?.pause();
    this.open = id;
  }

  #remove(id: number) {
    const index = this.tracks.findIndex((track) => track.id === id);
    this.tracks = this.tracks.filter((track) => track.id !== id);
    const next = this.tracks[Math.min(index, this.tracks.length - 1)];
    if (id === this.open) this.open = next?.id ?? -1;
    void this.#focusAfterRemoval();
  }

  /** The button that was pressed is gone; what is nearest to it takes the focus. */
  async #focusAfterRemoval() {
    await this.updateComplete;
    if (this.tracks.length === 0) this.picker.focus();
    else this.renderRoot.querySelector<HTMLElement>('track-list')?.focus();
  }

  #change(track: TrackEntry, change: Partial<TrackEntry>) {
    Object.assign(track, change);
    this.tracks = [...this.tracks];
  }

  /** Answers with a classifier of one's own from now on. */
  use(name: string, weights: Blob) {
    const address = URL.createObjectURL(weights);
    this.own = [...this.own, [name, address]];
    this.weights = address;
  }

  #onNetwork = (event: Event) => {
    const { value } = event.target as HTMLSelectElement;
    const own = this.own.some(([, address]) => address === value);
    this.weights = own ? value : undefined;
    if (!own) this.network = value as NetworkName;
  };

  #onExample = async () => {
    this.playing = true;
    try {
      await this.#add([new File([await playExample()], texts.exampleName, { type: 'audio/wav' })]);
    } finally {
      this.playing = false;
    }
  };

  #onDragOver = (event: DragEvent) => {
    if (!this.takesDrops || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.over = true;
  };

  #onDragLeave = (event: DragEvent) => {
    // Leaving one element for another inside the page does not count.
    if (event.relatedTarget === null) this.over = false;
  };

  #onDrop = (event: DragEvent) => {
    if (!this.takesDrops) return;
    event.preventDefault();
    this.over = false;
    location.hash = 'listen';
    this.#take([...(event.dataTransfer?.files ?? [])]);
  };
}

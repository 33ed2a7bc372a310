import { LitElement, html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';
import { ColorScheme } from './color-scheme.js';
import { messageOf, refusal } from './errors.js';
import { predictionJson, save, timelineCsv } from './export.js';
import { clock, duration, kilohertz, titleOf } from './format.js';
import { paletteStyles } from './palette.js';
import { type SharedEngine, shareEngine } from './shared-engine.js';
import { texts } from './texts.js';
import './tone-arm-answer.js';
import './tone-arm-bars.js';
import './tone-arm-deck.js';
import type { ToneArmDeck } from './tone-arm-deck.js';
import './tone-arm-map.js';
import { toneArmStyles } from './tone-arm.styles.js';
import { type BackendChoice, type Card, type NetworkName, type Prediction, type Stage, TonearmError, type TrackMap, kindOf } from './types.js';

/** Troubles that may be over at the next try; the others are in the file. */
const MAY_PASS: ReadonlySet<string> = new Set(['download', 'song-download', 'weights', 'worker', 'closed']);

/** One and the same array, so that what hangs on it is not drawn again. */
const NO_LABELS: string[] = [];

/** What a person calls the network. */
function nameOf(card: Card): string {
  const kind = kindOf(card);
  return texts.networks[kind] ?? kind;
}

/** What the element is doing. */
export type ToneArmState = 'idle' | Stage | 'done' | 'failed';

/**
 * `<tone-arm>`: give it a song, read its genre. Nothing leaves the page.
 *
 * @attr {"fusion"|"cnn"|"rnn"} network - Which of the shipped networks answers. Default: fusion.
 * @attr {string} weights - URL of another network's weights file.
 * @attr {string} assets - Folder of wasm and weights. Default: the package's own.
 * @attr {"auto"|"webgpu"|"cpu"} backend - What is to compute. Default: auto.
 * @attr {"light"|"dark"} theme - Colours. Default: as the system has it.
 * @attr {"idle"|"waiting"|"loading"|"decoding"|"analysing"|"done"|"failed"} state - (read-only) What it is doing.
 *
 * @fires tonearm-progress - `detail` is `{ state, progress }`.
 * @fires tonearm-prediction - `detail` is a `Prediction`; once per song.
 * @fires tonearm-error - `detail` is a `TonearmError` whose message is fit to be shown.
 *
 * @cssproperty [--tone-arm-accent] - Colour of the needle, the buttons and the focus ring.
 */
export class ToneArm extends LitElement {
  static override styles = [paletteStyles, toneArmStyles];

  @property() network: NetworkName = 'fusion';
  @property() weights?: string;
  @property() assets?: string;
  @property() backend: BackendChoice = 'auto';
  @property({ reflect: true }) theme?: 'light' | 'dark';
  @property({ reflect: true }) state: ToneArmState = 'idle';
  @state() private file: Blob | undefined;
  @state() private name = '';
  @state() private card: Card | undefined;
  @state() private map: TrackMap | undefined;
  @state() private progress = 0;
  @state() private prediction: Prediction | undefined;
  @state() private error: TonearmError | undefined;

  readonly #scheme = new ColorScheme(this);
  /** Everything that the present song started; aborted by the next song, and when the element leaves the page. */
  #life = new AbortController();
  /** Taken on first use, so that a page that never asks never downloads. */
  #shared: SharedEngine | undefined;
  /** The set-up that it was taken for. */
  #sharedFor: string | undefined;

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.cancel();
    this.#giveBack();
  }

  /**
   * Classifies one song; the one before it is dropped.
   *
   * @param song - Anything that the browser can decode.
   * @param name - What to call it. Default: the file's name.
   * @returns The prediction, or undefined if it failed (the reason is in `tonearm-error`) or was cancelled.
   */
  async classify(song: Blob, name = song instanceof File ? song.name : ''): Promise<Prediction | undefined> {
    this.#life.abort();
    const { signal } = (this.#life = new AbortController());
    Object.assign(this, { file: song, name, prediction: undefined, error: undefined, progress: 0 });
    try {
      const prediction = await this.#engine().classify(song, {
        signal,
        onStage: (stage) => signal.aborted || this.#report(stage, 0),
        onProgress: (progress) => signal.aborted || this.#report('analysing', progress),
      });
      if (signal.aborted) return undefined;
      this.prediction = prediction;
      this.#settle('done', 'tonearm-prediction', prediction);
      return prediction;
    } catch (thrown) {
      if (signal.aborted) return undefined;
      this.error = thrown instanceof TonearmError ? thrown : refusal('refused', messageOf(thrown));
      this.#settle('failed', 'tonearm-error', this.error);
      return undefined;
    }
  }

  /** Stops what is under way; the song stays and can be tried again. */
  cancel() {
    if (!this.busy) return;
    this.#life.abort();
    this.state = 'idle';
    this.#emit('tonearm-progress', { state: this.state, progress: 0 });
  }

  /** Stops the music. */
  pause() {
    this.renderRoot.querySelector<ToneArmDeck>('tone-arm-deck')?.pause();
  }

  /** Whether a song is under way or waiting. */
  get busy(): boolean {
    return this.state in texts.stages;
  }

  #engine() {
    const { network, weights, assets, backend } = this;
    if (this.#sharedFor !== this.#setUp()) this.#giveBack();
    this.#shared ??= shareEngine({ network, ...(weights && { weights }), ...(assets && { assets }), backend });
    this.#sharedFor = this.#setUp();
    return this.#shared.engine;
  }

  /** What settles the engine, in one text. */
  #setUp(): string {
    return JSON.stringify([this.network, this.weights, this.assets, this.backend]);
  }

  /** Another network answers anew; the engine of the one before is given back. */
  protected override willUpdate() {
    if (!this.#shared || this.#sharedFor === this.#setUp()) return;
    const again = this.busy || this.state === 'done' || this.state === 'failed';
    this.#life.abort();
    this.#giveBack();
    this.card = this.map = undefined;
    if (this.file && again) void this.classify(this.file, this.name);
  }

  #giveBack() {
    this.#shared?.release();
    this.#shared = this.#sharedFor = undefined;
  }

  #report(state: Stage, progress: number) {
    if (state === 'decoding') void this.#readCard();
    Object.assign(this, { state, progress });
    this.#emit('tonearm-progress', { state, progress });
  }

  /** The genres are shown, without bars, while the track is analysed, so that nothing jumps afterwards. */
  async #readCard() {
    // Loaded by now. Should it fail all the same, the track says so.
    const engine = this.#engine();
    const [card, map] = await Promise.all([engine.card(), engine.map()]).catch(() => []);
    // Another network may have been chosen meanwhile.
    if (engine === this.#shared?.engine) Object.assign(this, { card, map });
  }

  #settle(state: 'done' | 'failed', event: string, detail: Prediction | TonearmError) {
    this.state = state;
    this.#emit(event, detail);
  }

  #emit(type: string, detail: unknown) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  protected override render() {
    if (!this.file) return this.#picker();
    const { prediction } = this;
    return html`
      <section aria-label=${this.name}>
        <header>
          <h2>${titleOf(this.name)}</h2>
          <p class="quiet">${prediction ? `${clock(Math.round(prediction.duration_seconds))}, ${kilohertz(prediction.sample_rate)}` : ''}</p>
        </header>
        <div class="answer">${this.#answer()}</div>
        <p class="spoken" role="status">${this.#spoken()}</p>
        ${this.error ? nothing : this.#pictures()}
      </section>
    `;
  }

  /** Everything below the answer; it stands there empty until there is one, so that nothing moves. */
  #pictures() {
    const { prediction } = this;
    const labels = this.card?.labels ?? NO_LABELS;
    return html`
      <tone-arm-bars .labels=${labels} .probabilities=${prediction?.probabilities}></tone-arm-bars>
      ${this.#estimates()}
      <tone-arm-deck
        .file=${this.file}
        .prediction=${prediction}
        .labels=${labels}
        .theme=${this.theme ?? this.#scheme.system}
      ></tone-arm-deck>
      ${this.map && html`<tone-arm-map .map=${this.map} .labels=${labels} .place=${prediction?.place} .theme=${this.theme ?? this.#scheme.system}></tone-arm-map>`}
      <footer>${this.#footer()}</footer>
    `;
  }

  /** Echo Nest features as the sound suggests them, where the network makes estimates. */
  #estimates() {
    // Room is kept until the card says whether there are any, so that nothing moves then.
    const shown = this.card?.card.estimates.filter((estimate) => estimate.shown);
    if (shown?.length === 0) return nothing;
    return html`<div class="estimates">
      <h3 title=${texts.estimatesHint}>${texts.estimates}</h3>
      <dl>${shown?.map(({ name }) => this.#estimate(name))}</dl>
    </div>`;
  }

  #estimate(name: string) {
    const estimate = this.prediction?.estimates?.[name];
    // A regression knows no bounds; the features are in 0 to 1.
    const value = estimate === undefined ? undefined : Math.min(1, Math.max(0, estimate));
    return html`<div>
      <dt>${name}</dt>
      <dd><meter aria-label=${name} value=${value ?? 0}></meter> <span class="value">${value?.toFixed(2) ?? ''}</span></dd>
    </div>`;
  }

  /** What a screen reader says when the state changes. */
  #spoken(): string {
    const { prediction, error } = this;
    if (error) return `${error.message} ${error.advice}`;
    if (prediction) return texts.spoken(titleOf(this.name), prediction);
    return this.busy ? texts.stages[this.state as Stage] : texts.cancelled;
  }

  #picker() {
    return html`<label class="picker">
      <slot>${texts.idle}</slot>
      <input type="file" accept="audio/*" @change=${this.#onPick} />
    </label>`;
  }

  #onPick = (event: Event) => {
    const song = (event.target as HTMLInputElement).files?.[0];
    if (song) void this.classify(song);
  };

  /** The large part: what is under way, what came out, or what went wrong. */
  #answer() {
    if (this.prediction) return html`<tone-arm-answer .prediction=${this.prediction}></tone-arm-answer>`;
    if (this.error) {
      return html`<p class="message">${this.error.message}</p>
        <p class="quiet">${this.error.advice}</p>
        ${MAY_PASS.has(this.error.code) ? this.#again() : nothing}`;
    }
    if (this.busy) return this.#underWay(this.state as Stage);
    return html`<p class="message">${texts.cancelled}</p>${this.#again()}`;
  }

  #underWay(stage: Stage) {
    // Without a value the bar shows that something goes on, and not how far.
    const progress = stage === 'analysing' ? this.progress : undefined;
    return html`<p class="message">${texts.stages[stage]}</p>
      <div class="progress">
        <progress aria-label=${texts.stages[stage]} value=${progress ?? nothing}></progress>
        <button type="button" @click=${this.#onCancel}>${texts.cancel}</button>
      </div>`;
  }

  /** The button goes, so the focus moves to the one that takes its place. */
  #onCancel = async () => {
    this.cancel();
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('.again')?.focus();
  };

  #again() {
    return html`<p><button type="button" class="again" @click=${() => this.file && this.classify(this.file, this.name)}>${texts.again}</button></p>`;
  }

  /** A quiet line: what answered and how long it took; what there is to know of it; and the files. */
  #footer() {
    const { prediction } = this;
    if (!prediction) return nothing;
    const made = texts.madeBy(this.card ? nameOf(this.card) : '', texts.backend[prediction.backend], duration(prediction.elapsed_seconds));
    const notes = [...prediction.notes, ...(prediction.fallback ? [prediction.fallback] : [])];
    return html`
      <p class="quiet">${made} ${notes.map((note) => html`<span class="note">${note}</span> `)}</p>
      <p class="files">
        <button type="button" @click=${this.#saveCsv}>${texts.saveCsv}</button>
        <button type="button" @click=${this.#saveJson}>${texts.saveJson}</button>
      </p>
    `;
  }

  #saveCsv = () => {
    if (this.prediction) save(`${titleOf(this.name)}.csv`, 'text/csv', timelineCsv(this.prediction));
  };

  #saveJson = () => {
    if (this.prediction) save(`${titleOf(this.name)}.json`, 'application/json', predictionJson(this.name, this.prediction));
  };
}

if (!customElements.get('tone-arm')) customElements.define('tone-arm', ToneArm);

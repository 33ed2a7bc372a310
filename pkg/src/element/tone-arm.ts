/**
 * The element.
 *
 * @module tonearm/element
 */
import { LitElement, type PropertyValues, html, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { Attributes } from './attributes.js';
import { ColorScheme } from './color-scheme.js';
import { fetchSong } from '../audio/decode.js';
import { TOP_K } from '../engine.js';
import { EngineController } from './engine-controller.js';
import { messageOf, refusal } from '../runtime/errors.js';
import { predictionJson, save, timelineCsv } from '../text/export.js';
import { clock, duration, nameInAddress, titleOf } from '../text/format.js';
import { ranked } from '../text/moments.js';
import { ownDirection, paletteStyles } from './palette.js';
import { SongDrop } from './song-drop.js';
import { texts } from '../text/texts.js';
import './tone-arm-answer.js';
import './tone-arm-bars.js';
import './player/tone-arm-player.js';
import type { ToneArmPlayer } from './player/tone-arm-player.js';
import './tone-arm-estimates.js';
import './map/tone-arm-map.js';
import { toneArmStyles } from './tone-arm.styles.js';
import {
  type BackendChoice,
  type Card,
  type NetworkName,
  type Prediction,
  type Stage,
  TonearmError,
  kindOf,
} from '../types.js';

export { type Cell, type Row, type Table, ToneArmTable } from './tone-arm-table.js';
export { type Prediction, TonearmError } from '../types.js';

/** Troubles that may be over at the next try; the others are in the file. */
const MAY_PASS: ReadonlySet<string> = new Set([
  'download', 'download-stalled', 'song-download', 'song-stalled', 'song-absent', 'song-forbidden', 'weights', 'worker', 'closed',
]);

/** Attributes that settle what is fetched. */
const SET_UP = ['network', 'weights', 'assets', 'backend'] as const;

/** One and the same array, so that what hangs on it is not drawn again. */
const NO_LABELS: string[] = [];

/** What a person calls the network. */
function nameOf(card: Card): string {
  const kind = kindOf(card);
  return texts.networks[kind] ?? kind;
}

/** A song: a file, or where it is. */
export type Song = Blob | string | URL;

/** What to call a song. */
function songName(song: Song): string {
  if (song instanceof Blob) return song instanceof File ? song.name : '';
  return nameInAddress(String(song));
}

/** What the element is doing. */
export type ToneArmState = 'idle' | Stage | 'done' | 'failed';

/** How far it is. */
export interface ToneArmProgress {
  /** What it is doing. */
  state: ToneArmState;
  /** Part of the analysis done, 0 to 1. */
  progress: number;
}

/** A part that is shown unless it is switched off: `false`, as an attribute too. */
export type Shown = boolean | 'true' | 'false';

/** What it fires, by type. */
export interface ToneArmEvents {
  /** At each step. */
  'tonearm-progress': CustomEvent<ToneArmProgress>;
  /** Once per song, with the answer. */
  'tonearm-prediction': CustomEvent<Prediction>;
  /** When something went wrong, with what is shown of it. */
  'tonearm-error': CustomEvent<TonearmError>;
}

declare global {
  interface HTMLElementTagNameMap {
    'tone-arm': ToneArm;
  }
  interface HTMLElementEventMap extends ToneArmEvents {}
  interface DocumentEventMap extends ToneArmEvents {}
  interface WindowEventMap extends ToneArmEvents {}
}

/**
 * `<tone-arm>`: give it a song, read its genre. The song does not leave the page.
 *
 * Without `src` it asks for a song: by a press, a drop or the keyboard. Several of one set-up (`network`,
 * `weights`, `assets`, `backend`) share one worker and one copy of the weights. A value that an
 * attribute does not know counts as its default, and the console says so once.
 *
 * @attr {"idle"|"waiting"|"loading"|"decoding"|"analysing"|"done"|"failed"} state - (read-only) What it is doing.
 * @attr {string} lang - Language of its texts. There is English; another is warned of.
 *
 * @fires {CustomEvent<ToneArmProgress>} tonearm-progress - At each step: `detail` has `state` and `progress`, 0 to 1.
 * @fires {CustomEvent<Prediction>} tonearm-prediction - Once per song: `detail` is the answer.
 * @fires {CustomEvent<TonearmError>} tonearm-error - `detail` is an error whose `message` and `advice` are fit to be shown; `code` names it.
 *
 * @slot - The invitation to choose a song.
 * @slot ask - The label of the button that begins with `src`.
 * @slot title - The name of the song. Default: that of the file.
 * @slot footer - More below everything.
 *
 * @csspart picker - Where a song is dropped or chosen.
 * @csspart note - The quiet line on what is fetched.
 * @csspart title - The name of the song.
 * @csspart facts - The length and rate of the song.
 * @csspart answer - All of the answer.
 * @csspart label - The genre in large type.
 * @csspart percent - Its probability.
 * @csspart next - The genres after it.
 * @csspart message - What is under way, or went wrong.
 * @csspart progress - The progress bar.
 * @csspart button - Every button but that of the player.
 * @csspart bars - The list of all genres.
 * @csspart genre - One of them.
 * @csspart bar - Its bar.
 * @csspart estimates - Estimated Echo Nest features.
 * @csspart player - Player, timeline and spectrogram.
 * @csspart play - The button of the player.
 * @csspart clock - Its time.
 * @csspart waveform - The waveform.
 * @csspart timeline - The timeline.
 * @csspart spectrogram - The spectrogram.
 * @csspart needle - The line where the music is.
 * @csspart map - The map of tracks.
 * @csspart table - A table behind timeline, spectrogram or map, with the line that opens it.
 * @csspart footer - The last line, with what answered and the files.
 *
 * @cssproperty [--tone-arm-accent] - Colour of the needle, the main buttons and the focus ring.
 * @cssproperty [--tone-arm-on-accent] - Colour of what stands on the accent.
 * @cssproperty [--tone-arm-ink] - Colour of the text.
 * @cssproperty [--tone-arm-quiet] - Colour of lesser text.
 * @cssproperty [--tone-arm-line] - Colour of borders.
 * @cssproperty [--tone-arm-well] - Background of waveform, map and bars.
 * @cssproperty [--tone-arm-radius=8px] - Rounding of buttons and pictures.
 * @cssproperty [--tone-arm-genre-1] - Colour of the first genre; so on to `--tone-arm-genre-8`.
 */
export class ToneArm extends LitElement {
  /** @internal */
  static override styles = [paletteStyles, ownDirection, ColorScheme.styles, toneArmStyles];

  /** Address of a song. Without one, the element asks for a song. */
  @property() src?: string;
  /** Which of the shipped networks answers. */
  @property() network: NetworkName = 'fusion';
  /** Address of another network's weights file, such as one made on Train. */
  @property() weights?: string;
  /** Folder that holds a copy of the package: its `dist/`, `wasm/` and `weights/`. Default: the package's own. */
  @property() assets?: string;
  /** How many genres `top` of the answer holds. Default: 3. */
  @property({ attribute: 'top-k' }) topK: number | `${number}` = TOP_K;
  /** What is to compute. */
  @property() backend: BackendChoice = 'auto';
  /** Whether the genre of each moment is shown; `timeline="false"` hides it. */
  @property() timeline: Shown = true;
  /** Whether the spectrogram is shown; `spectrogram="false"` hides it. */
  @property() spectrogram: Shown = true;
  /** Whether the song can be played; `player="false"` hides player and waveform. */
  @property() player: Shown = true;
  /** Whether the song of `src` is analysed without being asked. */
  @property({ type: Boolean }) autorun = false;
  /** What is fetched before it is used: `none`, the sizes alone (`metadata`), or program and weights (`auto`). */
  @property() preload: 'none' | 'metadata' | 'auto' = 'metadata';
  /** Whether it takes no song from the person and starts nothing by itself. */
  @property({ type: Boolean, reflect: true }) disabled = false;
  /** Colours. Default: by the page's `color-scheme`. */
  @property({ reflect: true }) theme?: 'light' | 'dark';

  @state() private song: Song | undefined;
  /** Whether the person chose the song, and so may choose another. */
  @state() private chosen = false;
  @state() private file: Blob | undefined;
  @state() private name = '';
  @state() private progress = 0;
  @state() private prediction: Prediction | undefined;
  @state() private error: TonearmError | undefined;
  @query('input') private input!: HTMLInputElement | null;

  #state: ToneArmState = 'idle';
  readonly #scheme = new ColorScheme(this);
  readonly #attributes = new Attributes(this);
  /** Everything that the present song started; aborted by the next song, and when the element leaves the page. */
  #life = new AbortController();
  readonly #engine = new EngineController(this, () => this.#setUp());
  /** Not where the page gives the song. */
  readonly #drop = new SongDrop(
    this,
    () => !this.disabled && (this.chosen || (!this.song && !this.src)),
    (song) => this.#take(song),
  );
  /** Whether a script asked for a song since the latest update. */
  #asked = false;

  /** @internal */
  override connectedCallback() {
    super.connectedCallback();
    this.setAttribute('state', this.#state);
  }

  /** @internal */
  override disconnectedCallback() {
    super.disconnectedCallback();
    // What only moves within the page goes on.
    queueMicrotask(() => this.isConnected || this.#stop());
  }

  /** What it is doing; an attribute, too. */
  get state(): ToneArmState {
    return this.#state;
  }

  /**
   * Classifies one song; the one before it is dropped.
   *
   * @param song - Anything that the browser can decode, or where that is.
   * @param name - What to call it. Default: the file's name.
   * @returns The prediction, or undefined if it failed (the reason is in `tonearm-error`) or was cancelled.
   */
  classify(song: Song, name = songName(song)): Promise<Prediction | undefined> {
    this.chosen = false;
    this.#asked = true;
    return this.#classify(song, name);
  }

  /** Stops what is under way; the song stays and can be tried again. */
  cancel() {
    if (!this.busy) return;
    this.#life.abort();
    this.#report('idle', 0);
    this.#freeUnlessShown();
  }

  /** Stops the music. */
  pause() {
    this.renderRoot.querySelector<ToneArmPlayer>('tone-arm-player')?.pause();
  }

  /** Whether a song is under way or waiting. */
  get busy(): boolean {
    return this.state in texts.stages;
  }

  async #classify(song: Song, name: string): Promise<Prediction | undefined> {
    this.#life.abort();
    // Attributes that were changed just before count for this song.
    if (this.#engine.isOutdated) this.#engine.forget();
    const { signal } = (this.#life = new AbortController());
    Object.assign(this, { song, name, file: undefined, prediction: undefined, error: undefined, progress: 0 });
    // To fetch the song is to load, and so is what the engine then begins with.
    let told: Stage | undefined = song instanceof Blob ? undefined : 'loading';
    const onStage = (stage: Stage) => {
      if (signal.aborted || stage === told) return;
      told = stage;
      this.#onStage(stage);
    };
    try {
      const file = (this.file = song instanceof Blob ? song : await this.#fetch(song, signal));
      const prediction = await this.#engine.take().classify(file, {
        signal,
        topK: this.#attributes.topK,
        onStage,
        onProgress: (progress) => signal.aborted || this.#report('analysing', progress),
      });
      if (signal.aborted) return undefined;
      this.prediction = prediction;
      this.#keepFocus('section');
      this.#enter('done');
      this.#emit('tonearm-prediction', prediction);
      return prediction;
    } catch (thrown) {
      if (signal.aborted) return undefined;
      this.error = thrown instanceof TonearmError ? thrown : refusal('refused', messageOf(thrown));
      this.#keepFocus('.again, section');
      this.#enter('failed');
      this.#emit('tonearm-error', this.error);
      return undefined;
    } finally {
      if (!signal.aborted) this.#freeUnlessShown();
    }
  }

  async #fetch(song: string | URL, signal: AbortSignal): Promise<Blob> {
    this.#report('loading', 0);
    const file = await fetchSong(song, signal);
    signal.throwIfAborted();
    return file;
  }

  /** Outside of a page nothing else would stop the worker. */
  #freeUnlessShown() {
    if (!this.isConnected) this.#engine.giveBack();
  }

  /** Stops and frees what was started; the answer stays. */
  #stop() {
    this.cancel();
    this.#engine.giveBack();
  }

  #setUp() {
    const { weights, assets } = this;
    return { network: this.#attributes.value('network'), backend: this.#attributes.value('backend'), ...(weights && { weights }), ...(assets && { assets }) };
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    this.#attributes.check();
    // Unless it was asked for a song after that.
    if (changed.has('src') && !this.#asked) this.#clear();
    this.#asked = false;
    if (this.#engine.isOutdated) this.#answerAnew();
    if (this.src && this.autorun && !this.song && !this.disabled && this.isConnected) void this.#classify(this.src, songName(this.src));
    if (changed.has('topK') && this.prediction) {
      this.prediction = { ...this.prediction, top: ranked(this.prediction.probabilities ?? {}).slice(0, this.#attributes.topK) };
    }
    if (!this.hasUpdated || [...SET_UP, 'preload' as const].some((name) => changed.has(name))) this.#prepare();
  }

  /** Drops the song and its answer. */
  #clear() {
    this.#life.abort();
    Object.assign(this, { song: undefined, chosen: false, file: undefined, name: '', prediction: undefined, error: undefined });
    if (this.#state !== 'idle') this.#report('idle', 0);
  }

  /** Another network answers the song anew; the engine of the one before is given back. */
  #answerAnew() {
    const again = this.isConnected && this.#state !== 'idle';
    this.#life.abort();
    this.#engine.forget();
    if (again) this.#tryAgain();
  }

  #tryAgain() {
    const song = this.file ?? this.song;
    if (song) void this.#classify(song, this.name);
  }

  /** Fetches what `preload` says. */
  #prepare() {
    const preload = this.#attributes.value('preload');
    if (this.song || !this.isConnected || preload === 'none') return;
    void (preload === 'auto' ? this.#engine.read() : this.#engine.weigh());
  }

  #onStage(stage: Stage) {
    // The genres are shown, without bars, while the track is analysed, so that nothing jumps afterwards.
    if (stage === 'decoding') void this.#engine.read();
    this.#report(stage, 0);
  }

  #report(state: ToneArmState, progress: number) {
    this.#enter(state);
    this.progress = progress;
    this.#emit('tonearm-progress', { state, progress });
  }

  #enter(state: ToneArmState) {
    this.#state = state;
    this.setAttribute('state', state);
    this.requestUpdate();
  }

  #emit<K extends keyof ToneArmEvents>(type: K, detail: ToneArmEvents[K]['detail']) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  protected override render() {
    return html`<div lang=${texts.lang}>
      ${this.song ? this.#track() : this.src ? this.#offer(this.src) : this.#picker()}
      <slot name="footer"></slot>
    </div>`;
  }

  #picker() {
    return html`
      <label class="picker ${this.#drop.over ? 'over' : ''}" part="picker">
        <span class="invitation"><slot>${texts.idle}</slot></span>
        <input class="visually-hidden" type="file" accept="audio/*" ?disabled=${this.disabled} @change=${this.#onPick} />
      </label>
      ${this.#note()}
    `;
  }

  /** The song of `src`, which waits to be asked for. */
  #offer(src: string) {
    return html`
      <h2 part="title"><slot name="title">${titleOf(songName(src)) || texts.song}</slot></h2>
      <p class="offer">
        <button type="button" class="main" part="button" ?disabled=${this.disabled} @click=${() => this.#onAsk(src)}><slot name="ask">${texts.ask}</slot></button>
      </p>
      ${this.#note()}
    `;
  }

  #note() {
    return html`<p class="quiet" part="note">${this.#engine.card ? nothing : texts.willFetch(this.#engine.bytes)} ${texts.stays}</p>`;
  }

  #track() {
    const { prediction } = this;
    const title = titleOf(this.name) || texts.song;
    return html`
      <section aria-label=${title} tabindex="-1">
        <header>
          <h2 part="title"><slot name="title">${title}</slot></h2>
          <p class="quiet" part="facts">${prediction ? texts.facts(clock(Math.round(prediction.duration_seconds)), prediction.sample_rate) : ''}</p>
        </header>
        <div class="answer" part="answer">${this.#answer()}</div>
        <p class="visually-hidden" role="status">${this.#spoken()}</p>
        ${this.error ? nothing : this.#pictures()}
      </section>
    `;
  }

  /** Everything below the answer; it stands there empty until there is one, so that nothing moves. */
  #pictures() {
    const { prediction } = this;
    const { card, map } = this.#engine;
    const labels = card?.labels ?? NO_LABELS;
    const theme = this.#attributes.value('theme') || this.#scheme.used;
    return html`
      <tone-arm-bars part="bars" exportparts="genre, bar" .labels=${labels} .probabilities=${prediction?.probabilities}></tone-arm-bars>
      ${this.#estimates()} ${this.#player(labels, theme)}
      ${map && html`<tone-arm-map part="map" exportparts="table, button" .map=${map} .labels=${labels} .place=${prediction?.place} .theme=${theme}></tone-arm-map>`}
      <footer part="footer">${this.#footer()}</footer>
    `;
  }

  #player(labels: string[], theme: 'light' | 'dark') {
    const [player, timeline, spectrogram] = (['player', 'timeline', 'spectrogram'] as const).map((name) => this.#attributes.value(name) === 'true');
    if (!player && !timeline && !spectrogram) return nothing;
    return html`<tone-arm-player
      part="player"
      exportparts="play, clock, waveform, timeline, spectrogram, needle, table, button"
      .file=${this.file}
      .prediction=${this.prediction}
      .labels=${labels}
      .theme=${theme}
      .player=${player}
      .timeline=${timeline}
      .spectrogram=${spectrogram}
    ></tone-arm-player>`;
  }

  #estimates() {
    const { card } = this.#engine;
    // Room is kept until the card says whether there are any, so that nothing moves then.
    if (card && !card.card.estimates.some(({ shown }) => shown)) return nothing;
    return html`<tone-arm-estimates part="estimates" .card=${card} .prediction=${this.prediction}></tone-arm-estimates>`;
  }

  /** What a screen reader says when the state changes. */
  #spoken(): string {
    const { prediction, error } = this;
    if (error) return `${error.message} ${error.advice}`;
    if (prediction) return texts.spoken(titleOf(this.name) || texts.song, prediction);
    return this.busy ? this.#stageText(this.state as Stage) : texts.cancelled;
  }

  #stageText(stage: Stage): string {
    return this.file ? texts.stages[stage] : texts.fetching;
  }

  /** The large part: what is under way, what came out, or what went wrong. */
  #answer() {
    const { prediction, error } = this;
    if (prediction) return html`<tone-arm-answer exportparts="label, percent, next" .prediction=${prediction}></tone-arm-answer>`;
    if (error) {
      return html`<p class="message" part="message">${error.message}</p>
        <p class="quiet">${error.advice}</p>
        <p class="buttons">${MAY_PASS.has(error.code) ? this.#again() : nothing} ${this.#another()}</p>`;
    }
    if (this.busy) return this.#underWay(this.state as Stage);
    return html`<p class="message" part="message">${texts.cancelled}</p>
      <p class="buttons">${this.#again()} ${this.#another()}</p>`;
  }

  #underWay(stage: Stage) {
    // Without a value the bar shows that something goes on, and not how far.
    const progress = stage === 'analysing' ? this.progress : undefined;
    const text = this.#stageText(stage);
    return html`<p class="message" part="message">${text}</p>
      <div class="progress">
        <progress part="progress" aria-label=${text} value=${progress ?? nothing}></progress>
        <button type="button" part="button" @click=${this.#onCancel}>${texts.cancel}</button>
      </div>`;
  }

  #again() {
    return html`<button type="button" class="again" part="button" ?disabled=${this.disabled} @click=${this.#onAgain}>${texts.again}</button>`;
  }

  #another() {
    if (!this.chosen) return nothing;
    return html`<button type="button" part="button" ?disabled=${this.disabled} @click=${this.#onAnother}>${texts.another}</button>`;
  }

  /** A quiet line: what answered and how long it took; what there is to know of it; and the files. */
  #footer() {
    const { prediction } = this;
    const { card } = this.#engine;
    if (!prediction) return nothing;
    const made = texts.madeBy(card ? nameOf(card) : '', texts.backend[prediction.backend], duration(prediction.elapsed_seconds));
    const notes = [...prediction.notes, ...(prediction.fallback ? [prediction.fallback] : [])];
    return html`
      <p class="quiet">${made} ${notes.map((note) => html`<span class="note">${note}</span> `)}</p>
      <p class="buttons">
        ${this.#another()}
        <button type="button" part="button" @click=${this.#saveCsv}>${texts.saveCsv}</button>
        <button type="button" part="button" @click=${this.#saveJson}>${texts.saveJson}</button>
      </p>
    `;
  }

  #onAsk(src: string) {
    void this.classify(src);
    void this.#focus('.progress button');
  }

  #onCancel = () => {
    this.cancel();
    void this.#focus('.again');
  };

  #onAgain = () => {
    this.#tryAgain();
    void this.#focus('.progress button');
  };

  #onAnother = () => {
    this.#clear();
    void this.#focus('input');
  };

  /** Cancel goes when the answer comes: if it had the focus, something else takes it. */
  #keepFocus(selector: string) {
    if (this.shadowRoot?.activeElement?.closest('.progress')) void this.#focus(selector);
  }

  /** The button that was pressed goes, so the focus moves to what takes its place. */
  async #focus(selector: string) {
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(selector)?.focus();
  }

  #onPick = () => {
    const song = this.input?.files?.[0];
    if (song) this.#take(song);
    void this.#focus('.progress button');
  };

  #take(song: File) {
    this.chosen = true;
    void this.#classify(song, song.name);
  }

  #saveCsv = () => {
    if (this.prediction) save(`${titleOf(this.name)}.csv`, 'text/csv', timelineCsv(this.prediction));
  };

  #saveJson = () => {
    if (this.prediction) save(`${titleOf(this.name)}.json`, 'application/json', predictionJson(this.name, this.prediction));
  };
}

if (!customElements.get('tone-arm')) customElements.define('tone-arm', ToneArm);

/**
 * The `<tone-arm>` element.
 *
 * @module tonearm/element
 */
import { LitElement, type PropertyValues } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { Attributes } from './attributes.js';
import { ColorScheme } from './color-scheme.js';
import { fetchSong } from '../audio/decode.js';
import { TOP_K } from '../engine.js';
import { EngineController } from './engine-controller.js';
import { coreError } from '../runtime/errors.js';
import { predictionJson, save, timelineCsv } from '../text/export.js';
import { nameInUrl, titleOf } from '../text/format.js';
import { ranked } from '../text/timeline.js';
import { autoDirection, controls, focusRing, tokens, visuallyHidden } from './shared-styles.js';
import { SongDrop } from './song-drop.js';
import { texts } from '../text/texts.js';
import type { ToneArmPlayer } from './player/tone-arm-player.js';
import { type ToneArmActions, type ToneArmModel, toneArmView } from './tone-arm-view.js';
import { toneArmStyles } from './tone-arm.styles.js';
import { type BackendChoice, type NetworkName, type Prediction, type Stage, TonearmError } from '../types.js';

export { type Cell, type Row, type Table, ToneArmTable } from './tone-arm-table.js';
export { type Prediction, TonearmError } from '../types.js';

/** Properties that determine which engine the element uses. */
const ENGINE_PROPERTIES = ['network', 'weights', 'assets', 'backend'] as const;

/** A song: a file or its URL. */
export type Song = Blob | string | URL;

/** The file name of a song; empty if it has none. */
function songName(song: Song): string {
  if (song instanceof Blob) return song instanceof File ? song.name : '';
  return nameInUrl(String(song));
}

/** State of the element. */
export type ToneArmState = 'idle' | Stage | 'done' | 'failed';

/** Detail of `tonearm-progress`. */
export interface ToneArmProgress {
  /** The current state. */
  state: ToneArmState;
  /** Fraction of the analysis that is done, 0 to 1. */
  progress: number;
}

/** Value of an attribute that is on unless it is `false`. */
export type Shown = boolean | 'true' | 'false';

/** Events of the element, by type. */
export interface ToneArmEvents {
  /** Fires at each step. */
  'tonearm-progress': CustomEvent<ToneArmProgress>;
  /** Fires when an analysis ends, with the prediction. */
  'tonearm-prediction': CustomEvent<Prediction>;
  /** Fires on failure, with the error that the element shows. */
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
 * `<tone-arm>`: recognises the genre of a song. The song is not uploaded.
 *
 * Without `src`, the visitor clicks, drops a file or uses the keyboard to choose a song. Elements with the same
 * `network`, `weights`, `assets` and `backend` share one worker and one copy of the weights. An unknown attribute
 * value counts as the default, and the element warns once in the console.
 *
 * @attr {"idle"|"waiting"|"loading"|"decoding"|"analysing"|"done"|"failed"} state - (read-only) Current state.
 * @attr {string} lang - Language of the texts. Only `en` is available; other values cause a warning.
 *
 * @fires {CustomEvent<ToneArmProgress>} tonearm-progress - Fires at each step. `detail` has `state` and `progress`, 0 to 1.
 * @fires {CustomEvent<Prediction>} tonearm-prediction - Fires when an analysis ends. `detail` is the prediction. Changing `network`, `weights`, `assets` or `backend`, or showing a spectrogram that was hidden, analyses the song again.
 * @fires {CustomEvent<TonearmError>} tonearm-error - Fires on failure. `detail` is an error with a `code`, and a `message` and an `advice` for the visitor.
 *
 * @slot - The invitation to choose a song.
 * @slot ask - The label of the button that starts the analysis of `src`.
 * @slot title - The name of the song. Default: the file name.
 * @slot footer - Additional content below everything else.
 *
 * @csspart picker - The area to choose or drop a song.
 * @csspart note - The note on the download size.
 * @csspart title - The name of the song.
 * @csspart facts - The length and sample rate of the song.
 * @csspart answer - The whole prediction.
 * @csspart label - The genre.
 * @csspart percent - The probability of the genre.
 * @csspart next - The genres that follow.
 * @csspart message - The current step or the error.
 * @csspart progress - The progress bar.
 * @csspart button - Every button except the player's.
 * @csspart bars - The list of all genres.
 * @csspart genre - One genre in the list.
 * @csspart bar - The bar of a genre.
 * @csspart estimates - The estimated Echo Nest features.
 * @csspart player - The player with waveform, timeline and spectrogram.
 * @csspart play - The player's button.
 * @csspart clock - The player's time.
 * @csspart waveform - The waveform.
 * @csspart timeline - The timeline.
 * @csspart spectrogram - The spectrogram.
 * @csspart needle - The line at the playback position.
 * @csspart map - The map of tracks.
 * @csspart table - The table with the numbers behind the timeline, spectrogram or map, and the line that opens it.
 * @csspart footer - The last line, with how the prediction was made and the buttons to save it.
 *
 * @cssproperty [--tonearm-accent] - Colour of the playback position, the main buttons, the focus ring and the spectrogram.
 * @cssproperty [--tonearm-on-accent] - Colour of text and icons on the accent colour.
 * @cssproperty [--tonearm-ink] - Colour of text.
 * @cssproperty [--tonearm-quiet] - Colour of secondary text.
 * @cssproperty [--tonearm-line] - Colour of borders.
 * @cssproperty [--tonearm-well] - Background of waveform, map and bars.
 * @cssproperty [--tonearm-radius=8px] - Corner radius of buttons and graphics.
 * @cssproperty [--tonearm-genre-1] - Colour of the first genre. The others are `--tonearm-genre-2` to `--tonearm-genre-8`.
 */
export class ToneArm extends LitElement {
  /** @internal */
  static override styles = [tokens, autoDirection, focusRing, controls, visuallyHidden, ColorScheme.styles, toneArmStyles];

  /** URL of the song. If absent, the visitor chooses a song. */
  @property() src?: string;
  /** Which of the shipped networks to use. */
  @property() network: NetworkName = 'fusion';
  /** URL of a weights file to use instead, such as one from the Train view. */
  @property() weights?: string;
  /** URL of a folder that holds a copy of the package, with `dist/`, `wasm/` and `weights/`. Default: the package's own. */
  @property() assets?: string;
  /** Number of genres in the prediction's `top`. Default: 3. */
  @property({ attribute: 'top-k' }) topK: number | `${number}` = TOP_K;
  /** Where to compute. */
  @property() backend: BackendChoice = 'auto';
  /** Whether to show the genre of each moment; `timeline="false"` hides it. */
  @property() timeline: Shown = true;
  /** Whether to show the spectrogram. `spectrogram="false"` hides it, and it is not computed; showing it later analyses the song again. */
  @property() spectrogram: Shown = true;
  /** Whether to show the player; `player="false"` hides the play button, the time and the waveform. */
  @property() player: Shown = true;
  /** Whether to analyse the song in `src` without waiting for the button. */
  @property({ type: Boolean }) autorun = false;
  /** What to fetch in advance: nothing (`none`), only the sizes (`metadata`), or program and weights (`auto`). */
  @property() preload: 'none' | 'metadata' | 'auto' = 'metadata';
  /** Whether to accept no song from the visitor and to start nothing automatically. */
  @property({ type: Boolean, reflect: true }) disabled = false;
  /** Colour theme. Default: follows the colour of the text around the element; light text means a dark background. */
  @property({ reflect: true }) theme?: 'light' | 'dark';

  @state() private song: Song | undefined;
  /** Whether the visitor chose the song, and can therefore choose another. */
  @state() private chosenByVisitor = false;
  @state() private file: Blob | undefined;
  @state() private name = '';
  @state() private progress = 0;
  @state() private prediction: Prediction | undefined;
  @state() private error: TonearmError | undefined;
  @query('input') private input!: HTMLInputElement | null;

  #state: ToneArmState = 'idle';
  readonly #scheme = new ColorScheme(this);
  readonly #attributes = new Attributes(this);
  /** Cancels the analysis of the current song. */
  #analysis = new AbortController();
  readonly #engine = new EngineController(this, () => this.#engineSettings());
  /** Files can be dropped only if the page has not provided a song. */
  readonly #drop = new SongDrop(
    this,
    () => !this.disabled && (this.chosenByVisitor || (!this.song && !this.src)),
    (song) => this.#choose(song),
  );
  /** Whether the current analysis, or the latest one, computes the spectrogram. */
  #computesSpectrogram = false;
  /** Whether `classify()` was called since the last update. */
  #calledByScript = false;

  /** @internal */
  override connectedCallback() {
    super.connectedCallback();
    this.setAttribute('state', this.#state);
  }

  /** @internal */
  override disconnectedCallback() {
    super.disconnectedCallback();
    // An element that is moved within the page is connected again by then, and continues.
    queueMicrotask(() => this.isConnected || this.#stop());
  }

  /** Current state, also available as an attribute. */
  get state(): ToneArmState {
    return this.#state;
  }

  /**
   * Analyses a song. If another one is being analysed, that analysis is cancelled.
   *
   * @param song - A file that the browser can decode, or its URL.
   * @param name - Name to show. Default: the file name.
   * @returns The prediction, or undefined if the analysis failed (see `tonearm-error`) or was cancelled.
   */
  classify(song: Song, name = songName(song)): Promise<Prediction | undefined> {
    this.chosenByVisitor = false;
    this.#calledByScript = true;
    return this.#classify(song, name);
  }

  /** Cancels the current analysis. The song stays, so that the visitor can try again. */
  cancel() {
    if (!this.busy) return;
    this.#analysis.abort();
    this.#report('idle', 0);
    this.#releaseIfDisconnected();
  }

  /** Pauses playback. */
  pause() {
    this.renderRoot.querySelector<ToneArmPlayer>('tone-arm-player')?.pause();
  }

  /** Whether a song is being analysed or is waiting. */
  get busy(): boolean {
    return this.state in texts.stages;
  }

  async #classify(song: Song, name: string): Promise<Prediction | undefined> {
    this.#analysis.abort();
    // Properties that were set just before apply to this song.
    if (this.#engine.isOutdated) this.#engine.reset();
    const { signal } = (this.#analysis = new AbortController());
    Object.assign(this, { song, name, file: undefined, prediction: undefined, error: undefined, progress: 0 });
    const spectrogram = (this.#computesSpectrogram = this.#attributes.shows('spectrogram'));
    // The download of the song and the first stage of the engine are both reported as `loading`, once.
    let reported: Stage | undefined = song instanceof Blob ? undefined : 'loading';
    const onStage = (stage: Stage) => {
      if (signal.aborted || stage === reported) return;
      reported = stage;
      this.#onStage(stage);
    };
    try {
      const file = (this.file = song instanceof Blob ? song : await this.#fetch(song, signal));
      const prediction = await this.#engine.acquire().classify(file, {
        signal,
        topK: this.#attributes.topK,
        spectrogram,
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
      this.error = thrown instanceof TonearmError ? thrown : coreError('refused', thrown);
      this.#keepFocus('.again, section');
      this.#enter('failed');
      this.#emit('tonearm-error', this.error);
      return undefined;
    } finally {
      if (!signal.aborted) this.#releaseIfDisconnected();
    }
  }

  async #fetch(song: string | URL, signal: AbortSignal): Promise<Blob> {
    this.#report('loading', 0);
    const file = await fetchSong(song, signal);
    signal.throwIfAborted();
    return file;
  }

  /** Outside of a document, `disconnectedCallback` does not run and cannot release the engine. */
  #releaseIfDisconnected() {
    if (!this.isConnected) this.#engine.release();
  }

  /** Cancels the analysis and releases the engine. The prediction stays. */
  #stop() {
    this.cancel();
    this.#engine.release();
  }

  #engineSettings() {
    const { weights, assets } = this;
    return { network: this.#attributes.value('network'), backend: this.#attributes.value('backend'), ...(weights && { weights }), ...(assets && { assets }) };
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    this.#attributes.check();
    // A song that was passed to `classify()` after `src` changed takes precedence.
    if (changed.has('src') && !this.#calledByScript) this.#clear();
    this.#calledByScript = false;
    if (this.#engine.isOutdated) this.#changeEngine();
    else if (this.#lacksSpectrogram) this.#tryAgain();
    if (this.src && this.autorun && !this.song && !this.disabled && this.isConnected) void this.#classify(this.src, songName(this.src));
    if (changed.has('topK') && this.prediction) {
      this.prediction = { ...this.prediction, top: ranked(this.prediction.probabilities ?? {}).slice(0, this.#attributes.topK) };
    }
    if (!this.hasUpdated || [...ENGINE_PROPERTIES, 'preload' as const].some((name) => changed.has(name))) this.#preload();
  }

  /** Removes the song and its prediction. */
  #clear() {
    this.#analysis.abort();
    Object.assign(this, { song: undefined, chosenByVisitor: false, file: undefined, name: '', prediction: undefined, error: undefined });
    if (this.#state !== 'idle') this.#report('idle', 0);
  }

  /** Whether the spectrogram is shown, but was hidden when the analysis began, which therefore does not compute it. */
  get #lacksSpectrogram(): boolean {
    return (this.busy || this.#state === 'done') && !this.#computesSpectrogram && this.#attributes.shows('spectrogram');
  }

  /** Releases the previous engine and analyses the song again with the new one. */
  #changeEngine() {
    const again = this.isConnected && this.#state !== 'idle';
    this.#analysis.abort();
    this.#engine.reset();
    if (again) this.#tryAgain();
  }

  #tryAgain() {
    const song = this.file ?? this.song;
    if (song) void this.#classify(song, this.name);
  }

  #preload() {
    const preload = this.#attributes.value('preload');
    if (this.song || !this.isConnected || preload === 'none') return;
    void (preload === 'auto' ? this.#engine.load() : this.#engine.fetchDownloadSize());
  }

  #onStage(stage: Stage) {
    // The labels are shown, without bars, during the analysis, so that nothing moves afterwards.
    if (stage === 'decoding') void this.#engine.load();
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
    return toneArmView(this.#model(), this.#actions);
  }

  #model(): ToneArmModel {
    const { song, src = '', file, progress, prediction, error, disabled } = this;
    const attributes = this.#attributes;
    return {
      title: titleOf(song ? this.name : songName(src)) || texts.song,
      hasSong: Boolean(song),
      hasSrc: Boolean(src),
      file,
      stage: this.busy ? (this.state as Stage) : undefined,
      progress,
      prediction,
      error,
      metadata: this.#engine.metadata,
      map: this.#engine.map,
      downloadBytes: this.#engine.downloadBytes,
      theme: attributes.value('theme') || this.#scheme.current,
      disabled,
      draggedOver: this.#drop.draggedOver,
      canChooseAnother: this.chosenByVisitor,
      shown: { player: attributes.shows('player'), timeline: attributes.shows('timeline'), spectrogram: attributes.shows('spectrogram') },
    };
  }

  readonly #actions: ToneArmActions = {
    pick: () => {
      const song = this.input?.files?.[0];
      if (song) this.#choose(song);
      void this.#focus('.progress button');
    },
    start: () => {
      if (this.src) void this.classify(this.src);
      void this.#focus('.progress button');
    },
    cancel: () => {
      this.cancel();
      void this.#focus('.again');
    },
    tryAgain: () => {
      this.#tryAgain();
      void this.#focus('.progress button');
    },
    chooseAnother: () => {
      this.#clear();
      void this.#focus('input');
    },
    saveCsv: () => {
      if (this.prediction) save(`${titleOf(this.name)}.csv`, 'text/csv', timelineCsv(this.prediction));
    },
    saveJson: () => {
      if (this.prediction) save(`${titleOf(this.name)}.json`, 'application/json', predictionJson(this.name, this.prediction));
    },
  };

  /** Moves the focus to `selector` if it is on the Cancel button, which is about to disappear. */
  #keepFocus(selector: string) {
    if (this.shadowRoot?.activeElement?.closest('.progress')) void this.#focus(selector);
  }

  /** Moves the focus to `selector` after the next update, since the button that has the focus disappears. */
  async #focus(selector: string) {
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(selector)?.focus();
  }

  #choose(song: File) {
    this.chosenByVisitor = true;
    void this.#classify(song, song.name);
  }
}

if (!customElements.get('tone-arm')) customElements.define('tone-arm', ToneArm);

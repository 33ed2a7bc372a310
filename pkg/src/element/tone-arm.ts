/**
 * The `<tone-arm>` element.
 *
 * @module tonearm/element
 */
import { LitElement, type PropertyValues } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { Attributes } from './attributes.js';
import { ColorScheme } from './color-scheme.js';
import { TOP_K } from '../engine.js';
import { EngineController } from './engine-controller.js';
import { predictionJson, save, timelineCsv } from '../text/export.js';
import { titleOf } from '../text/format.js';
import { autoDirection, controls, focusRing, tokens, visuallyHidden } from './shared-styles.js';
import { type Song, SongAnalysis, songName } from './song-analysis.js';
import { SongDrop } from './song-drop.js';
import { texts } from '../text/texts.js';
import type { ToneArmPlayer } from './player/tone-arm-player.js';
import type { ToneArmState } from './tone-arm-events.js';
import { type ToneArmActions, type ToneArmModel, toneArmView } from './tone-arm-view.js';
import { toneArmStyles } from './tone-arm.styles.js';
import type { BackendChoice, NetworkName, Prediction } from '../types.js';

export type { Song } from './song-analysis.js';
export type { ToneArmEvents, ToneArmProgress, ToneArmState } from './tone-arm-events.js';
export { type Cell, type Row, type Table, ToneArmTable } from './tone-arm-table.js';
export { type Prediction, TonearmError } from '../types.js';

/** Properties that determine which engine the element uses. */
const ENGINE_PROPERTIES = ['network', 'weights', 'assets', 'backend'] as const;

/** Value of an attribute that is on unless it is `false`. */
export type Shown = boolean | 'true' | 'false';

declare global {
  interface HTMLElementTagNameMap {
    'tone-arm': ToneArm;
  }
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

  /** Whether the visitor chose the song, and can therefore choose another. */
  @state() private chosenByVisitor = false;
  @query('input') private input!: HTMLInputElement | null;

  readonly #scheme = new ColorScheme(this);
  readonly #attributes = new Attributes(this);
  readonly #engine = new EngineController(this, () => this.#engineSettings());
  readonly #analysis = new SongAnalysis(this, {
    engine: this.#engine,
    attributes: this.#attributes,
    onEnd: (state) => this.#keepFocus(state === 'done' ? 'section' : '.again, section'),
  });
  /** Files can be dropped only if the page has not provided a song. */
  readonly #drop = new SongDrop(
    this,
    () => !this.disabled && (this.chosenByVisitor || (!this.song && !this.src)),
    (song) => this.#choose(song),
  );
  /** Whether `classify()` was called since the last update. */
  #calledByScript = false;

  private get song(): Song | undefined {
    return this.#analysis.current.song;
  }

  private get file(): Blob | undefined {
    return this.#analysis.current.file;
  }

  private get prediction(): Prediction | undefined {
    return this.#analysis.current.prediction;
  }

  /** Current state, also available as an attribute. */
  get state(): ToneArmState {
    return this.#analysis.state;
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
    return this.#analysis.classify(song, name);
  }

  /** Cancels the current analysis. The song stays, so that the visitor can try again. */
  cancel() {
    this.#analysis.cancel();
  }

  /** Pauses playback. */
  pause() {
    this.renderRoot.querySelector<ToneArmPlayer>('tone-arm-player')?.pause();
  }

  /** Whether a song is being analysed or is waiting. */
  get busy(): boolean {
    return this.#analysis.stage !== undefined;
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
    this.#analysis.followAttributes();
    if (this.src && this.autorun && !this.song && !this.disabled && this.isConnected) void this.#analysis.classify(this.src, songName(this.src));
    if (changed.has('topK')) this.#analysis.followTopK();
    if (!this.hasUpdated || [...ENGINE_PROPERTIES, 'preload' as const].some((name) => changed.has(name))) this.#preload();
  }

  /** Removes the song and its prediction. */
  #clear() {
    this.chosenByVisitor = false;
    this.#analysis.clear();
  }

  #preload() {
    const preload = this.#attributes.value('preload');
    if (this.song || !this.isConnected || preload === 'none') return;
    void (preload === 'auto' ? this.#engine.load() : this.#engine.fetchDownloadSize());
  }

  protected override render() {
    return toneArmView(this.#model(), this.#actions);
  }

  #model(): ToneArmModel {
    const { src = '', song, file, prediction, disabled } = this;
    const { name, progress, error } = this.#analysis.current;
    const attributes = this.#attributes;
    return {
      title: titleOf(song ? name : songName(src)) || texts.song,
      hasSong: Boolean(song),
      hasSrc: Boolean(src),
      file,
      stage: this.#analysis.stage,
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
      this.#analysis.tryAgain();
      void this.#focus('.progress button');
    },
    chooseAnother: () => {
      this.#clear();
      void this.#focus('input');
    },
    saveCsv: () => {
      const { name } = this.#analysis.current;
      if (this.prediction) save(`${titleOf(name)}.csv`, 'text/csv', timelineCsv(this.prediction));
    },
    saveJson: () => {
      const { name } = this.#analysis.current;
      if (this.prediction) save(`${titleOf(name)}.json`, 'application/json', predictionJson(name, this.prediction));
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
    void this.#analysis.classify(song, song.name);
  }
}

if (!customElements.get('tone-arm')) customElements.define('tone-arm', ToneArm);

import type { LitElement, ReactiveController } from 'lit';
import type { Attributes } from './attributes.js';
import type { EngineController } from './engine-controller.js';
import type { ToneArmEvents, ToneArmState } from './tone-arm-events.js';
import { fetchSong } from '../audio/decode.js';
import { coreError } from '../runtime/errors.js';
import { nameInUrl } from '../text/format.js';
import { texts } from '../text/texts.js';
import { ranked } from '../text/timeline.js';
import { type Prediction, type Stage, TonearmError } from '../types.js';

/** A song: a file or its URL. */
export type Song = Blob | string | URL;

/** The file name of a song; empty if it has none. */
export function songName(song: Song): string {
  if (song instanceof Blob) return song instanceof File ? song.name : '';
  return nameInUrl(String(song));
}

/** A song, and the result of its analysis. */
export interface AnalysedSong {
  /** Undefined before the first song, and after {@link SongAnalysis.clear}. */
  song: Song | undefined;
  /** Name of the song; empty if it has none. */
  name: string;
  /** The song's file; undefined until it is downloaded. */
  file: Blob | undefined;
  /** Fraction of the analysis that is done, 0 to 1. */
  progress: number;
  prediction: Prediction | undefined;
  error: TonearmError | undefined;
}

const NO_SONG: AnalysedSong = { song: undefined, name: '', file: undefined, progress: 0, prediction: undefined, error: undefined };

/** What an analysis needs of its element. */
interface ElementParts {
  engine: EngineController;
  attributes: Attributes;
  /** Called when the song is done or failed, before the element updates and before the event fires. */
  onEnd: (state: 'done' | 'failed') => void;
}

/** The current song of an element and its analysis. Updates the element when they change, keeps its attribute `state`, and fires its events. */
export class SongAnalysis implements ReactiveController {
  readonly #host: LitElement;
  readonly #engine: EngineController;
  readonly #attributes: Attributes;
  readonly #onEnd: ElementParts['onEnd'];
  #current = NO_SONG;
  #state: ToneArmState = 'idle';
  /** Cancels the analysis of the current song. */
  #aborter = new AbortController();
  /** Whether the current analysis, or the latest one, computes the spectrogram. */
  #computesSpectrogram = false;

  constructor(host: LitElement, { engine, attributes, onEnd }: ElementParts) {
    this.#host = host;
    this.#engine = engine;
    this.#attributes = attributes;
    this.#onEnd = onEnd;
    host.addController(this);
  }

  /** The current song. */
  get current(): Readonly<AnalysedSong> {
    return this.#current;
  }

  get state(): ToneArmState {
    return this.#state;
  }

  /** The current step; undefined if no song is being analysed or is waiting. */
  get stage(): Stage | undefined {
    return this.#state in texts.stages ? (this.#state as Stage) : undefined;
  }

  hostConnected() {
    this.#host.setAttribute('state', this.#state);
  }

  hostDisconnected() {
    // An element that is moved within the page is connected again by then, and continues.
    queueMicrotask(() => this.#host.isConnected || this.#stop());
  }

  /**
   * Analyses a song. If another one is being analysed, that analysis is cancelled.
   *
   * @returns The prediction, or undefined if the analysis failed or was cancelled.
   */
  async classify(song: Song, name: string): Promise<Prediction | undefined> {
    this.#aborter.abort();
    // Properties that were set just before apply to this song.
    if (this.#engine.isOutdated) this.#engine.reset();
    const { signal } = (this.#aborter = new AbortController());
    this.#update({ ...NO_SONG, song, name });
    const spectrogram = (this.#computesSpectrogram = this.#attributes.shows('spectrogram'));
    // The download of the song and the first stage of the engine are both reported as `loading`, once.
    let reported: Stage | undefined = song instanceof Blob ? undefined : 'loading';
    const onStage = (stage: Stage) => {
      if (signal.aborted || stage === reported) return;
      reported = stage;
      this.#onStage(stage);
    };
    try {
      const file = song instanceof Blob ? song : await this.#fetch(song, signal);
      this.#update({ file });
      const prediction = await this.#engine.acquire().classify(file, {
        signal,
        topK: this.#attributes.topK,
        spectrogram,
        onStage,
        onProgress: (progress) => signal.aborted || this.#report('analysing', progress),
      });
      if (signal.aborted) return undefined;
      this.#update({ prediction });
      this.#end('done');
      this.#emit('tonearm-prediction', prediction);
      return prediction;
    } catch (thrown) {
      if (signal.aborted) return undefined;
      const error = thrown instanceof TonearmError ? thrown : coreError('refused', thrown);
      this.#update({ error });
      this.#end('failed');
      this.#emit('tonearm-error', error);
      return undefined;
    } finally {
      if (!signal.aborted) this.#releaseIfDisconnected();
    }
  }

  /** Analyses the current song again. */
  tryAgain() {
    const { file, song, name } = this.#current;
    if (song) void this.classify(file ?? song, name);
  }

  /** Cancels the current analysis. The song stays, so that the visitor can try again. */
  cancel() {
    if (!this.stage) return;
    this.#aborter.abort();
    this.#report('idle', 0);
    this.#releaseIfDisconnected();
  }

  /** Removes the song and its prediction. */
  clear() {
    this.#aborter.abort();
    this.#update(NO_SONG);
    if (this.#state !== 'idle') this.#report('idle', 0);
  }

  /** Analyses the song again if the attributes now select another engine, or show a spectrogram that was not computed. */
  followAttributes() {
    if (this.#engine.isOutdated) this.#changeEngine();
    else if (this.#lacksSpectrogram) this.tryAgain();
  }

  /** Ranks the genres of the prediction again, for a new number of genres in its `top`. */
  followTopK() {
    const { prediction } = this.#current;
    if (!prediction) return;
    const top = ranked(prediction.probabilities ?? {}).slice(0, this.#attributes.topK);
    this.#update({ prediction: { ...prediction, top } });
  }

  async #fetch(song: string | URL, signal: AbortSignal): Promise<Blob> {
    this.#report('loading', 0);
    const file = await fetchSong(song, signal);
    signal.throwIfAborted();
    return file;
  }

  /** Outside of a document, `hostDisconnected` does not run and cannot release the engine. */
  #releaseIfDisconnected() {
    if (!this.#host.isConnected) this.#engine.release();
  }

  /** Cancels the analysis and releases the engine. The prediction stays. */
  #stop() {
    this.cancel();
    this.#engine.release();
  }

  /** Whether the spectrogram is shown, but was hidden when the analysis began, which therefore does not compute it. */
  get #lacksSpectrogram(): boolean {
    return (this.stage !== undefined || this.#state === 'done') && !this.#computesSpectrogram && this.#attributes.shows('spectrogram');
  }

  /** Releases the previous engine and analyses the song again with the new one. */
  #changeEngine() {
    const again = this.#host.isConnected && this.#state !== 'idle';
    this.#aborter.abort();
    this.#engine.reset();
    if (again) this.tryAgain();
  }

  #onStage(stage: Stage) {
    // The labels are shown, without bars, during the analysis, so that nothing moves afterwards.
    if (stage === 'decoding') void this.#engine.load();
    this.#report(stage, 0);
  }

  #report(state: ToneArmState, progress: number) {
    this.#update({ progress });
    this.#enter(state);
    this.#emit('tonearm-progress', { state, progress });
  }

  #end(state: 'done' | 'failed') {
    this.#enter(state);
    this.#onEnd(state);
  }

  #enter(state: ToneArmState) {
    this.#state = state;
    this.#host.setAttribute('state', state);
    this.#host.requestUpdate();
  }

  #update(changes: Partial<AnalysedSong>) {
    this.#current = { ...this.#current, ...changes };
    this.#host.requestUpdate();
  }

  #emit<K extends keyof ToneArmEvents>(type: K, detail: ToneArmEvents[K]['detail']) {
    this.#host.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

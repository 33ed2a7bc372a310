import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { clock } from 'tonearm/page';
import { keepFocus } from '../../shared/focus.js';
import { controls, focusRing } from '../../shared/shared-styles.js';
import { type SoundSource, canShareTab } from './capture.js';
import { type Recorder, type RecordingState, WINDOW_SECONDS } from './recorder.js';
import { texts } from '../../texts/texts.js';
import { trainStyles } from '../train-styles.js';

/** Lowest level that the meter shows, in dB of full scale. */
const FLOOR = -60;

/** Factor by which the shown peak decays per frame, so that short peaks stay readable. */
const DECAY = 0.93;

/** `<record-panel>`: records for one class. It offers the sources and, while recording, shows level and time. */
@customElement('record-panel')
export class RecordPanel extends LitElement {
  static override styles = [
    focusRing,
    controls,
    trainStyles,
    css`
      :host { display: block; padding: var(--_space-3); border-radius: var(--_radius); background: var(--_well); font-size: var(--_text-small); }
      p { margin: var(--_space-2) 0 0; }
      label { display: flex; gap: var(--_space-2); align-items: center; }
      label + .row { margin-block-start: var(--_space-2); }
      .time { font-variant-numeric: tabular-nums; font-weight: 600; min-inline-size: 4ch; }
      .meter { flex: 1; min-inline-size: 64px; block-size: 8px; border-radius: var(--_radius-small); background: var(--_line); overflow: hidden; }
      .bar { block-size: 100%; background: var(--_accent); transform: scaleX(0); transform-origin: left; }
      .meter:dir(rtl) .bar { transform-origin: right; }
    `,
  ];

  @property({ attribute: false }) recorder!: Recorder;
  @property() classId = '';
  @property() recordingState: RecordingState = 'idle';
  /** Number of files recorded so far. */
  @property({ type: Number }) windows = 0;
  @property() error: string | null = null;
  @query('.time') private time!: HTMLElement | null;
  @query('.meter') private meter!: HTMLElement | null;
  #frame = 0;
  #shownPeak = 0;
  #source: SoundSource = 'microphone';
  #seconds = 0;

  constructor() {
    super();
    keepFocus(this);
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#seconds = this.recorder.windowSeconds;
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    cancelAnimationFrame(this.#frame);
  }

  protected override render() {
    return this.recordingState === 'idle' ? this.#sourceChoice() : this.#recording();
  }

  protected override updated() {
    cancelAnimationFrame(this.#frame);
    if (this.recordingState === 'recording') this.#animate();
  }

  #sourceChoice() {
    const { sources: names, length, seconds } = texts.train.record;
    const sources: SoundSource[] = canShareTab() ? ['microphone', 'tab'] : ['microphone'];
    return html`
      <label
        >${length}
        <select @change=${(e: Event) => (this.#seconds = Number((e.target as HTMLSelectElement).value))}>
          ${WINDOW_SECONDS.map((n) => html`<option value=${n} ?selected=${n === this.#seconds}>${seconds(n)}</option>`)}
        </select></label
      >
      <div class="row" data-next=".main">
        ${sources.map((source) => html`<button class=${source} type="button" @click=${() => this.#start(source)}>${names[source]}</button>`)}
      </div>
      ${this.#alert()}
    `;
  }

  #alert() {
    return this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing;
  }

  #recording() {
    const { stop, requesting, level, elapsed, noFilesYet, filesSoFar } = texts.train.record;
    const running = this.recordingState === 'recording';
    return html`
      <div class="row" data-next=${`.${this.#source}`}>
        <button class="main" type="button" @click=${() => this.recorder.stop()}>${running ? stop : texts.train.cancel}</button>
        ${running
          ? html`<span class="time" role="timer" aria-label=${elapsed}></span>
              <div class="meter" role="meter" aria-label=${level} aria-valuemin=${FLOOR} aria-valuemax="0" aria-valuenow=${FLOOR}><div class="bar"></div></div>`
          : html`<span class="quiet" role="status">${requesting}</span>`}
      </div>
      ${running ? html`<p class="quiet">${this.windows === 0 ? noFilesYet : filesSoFar(this.windows)}</p>` : nothing} ${this.#alert()}
    `;
  }

  /** Updates level and time in every animation frame. */
  #animate = () => {
    const { time, meter, recorder } = this;
    if (!time || !meter) return;
    this.#shownPeak = Math.max(recorder.level, this.#shownPeak * DECAY);
    const decibels = Math.max(FLOOR, Math.round(20 * Math.log10(this.#shownPeak)));
    meter.setAttribute('aria-valuenow', String(decibels));
    meter.querySelector<HTMLElement>('.bar')!.style.transform = `scaleX(${1 - decibels / FLOOR})`;
    const elapsed = clock(Math.floor(recorder.seconds));
    if (time.textContent !== elapsed) time.textContent = elapsed;
    this.#frame = requestAnimationFrame(this.#animate);
  };

  #start(source: SoundSource) {
    this.#source = source;
    void this.recorder.start(this.classId, source, this.#seconds);
  }
}

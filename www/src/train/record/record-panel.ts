import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { clock } from 'tonearm';
import { focusRing } from '../../shared/shared-styles.js';
import { type SoundSource, canShareTab } from './capture.js';
import { type Recorder, WINDOW_SECONDS } from './recorder.js';
import { trainTexts } from '../texts.js';
import { controls } from '../train-styles.js';

/** The least that the level shows, in dB of full scale. */
const FLOOR = -60;

/** What is left of a level a frame later, so that a person can read it. */
const FADE = 0.93;

/** `<record-panel>`: records for one class; beside the choice of a source, it shows level and time. */
@customElement('record-panel')
export class RecordPanel extends LitElement {
  static override styles = [
    focusRing,
    controls,
    css`
      :host { display: block; padding: 12px; border-radius: 8px; background: var(--well); font-size: 14px; }
      p { margin: 8px 0 0; }
      label { display: flex; gap: 8px; align-items: center; }
      label + .row { margin-block-start: 8px; }
      .time { font-variant-numeric: tabular-nums; font-weight: 600; min-inline-size: 4ch; }
      .meter { flex: 1; min-inline-size: 64px; block-size: 8px; border-radius: 4px; background: var(--line); overflow: hidden; }
      .bar { block-size: 100%; background: var(--accent); transform: scaleX(0); transform-origin: left; }
      .meter:dir(rtl) .bar { transform-origin: right; }
    `,
  ];

  @property({ attribute: false }) recorder!: Recorder;
  @property() classId = '';
  /** What the recorder is at; it tells when this changes. */
  @property() at: 'nothing' | 'asking' | 'recording' = 'nothing';
  @property({ type: Number }) windows = 0;
  @property() trouble: string | null = null;
  @query('.time') private time!: HTMLElement | null;
  @query('.meter') private meter!: HTMLElement | null;
  #frame = 0;
  #shown = 0;
  #source: SoundSource = 'microphone';
  #seconds = 0;
  #hadFocus = false;

  override connectedCallback() {
    super.connectedCallback();
    this.#seconds = this.recorder.windowSeconds;
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    cancelAnimationFrame(this.#frame);
  }

  protected override render() {
    return this.at === 'nothing' ? this.#choice() : this.#recording();
  }

  protected override willUpdate() {
    this.#hadFocus = this.shadowRoot?.activeElement != null;
  }

  protected override updated() {
    cancelAnimationFrame(this.#frame);
    if (this.at === 'recording') this.#follow();
    // The button that was pressed is gone, and what it stood for is done by another.
    if (!this.#hadFocus || this.shadowRoot?.activeElement) return;
    this.renderRoot.querySelector<HTMLElement>(this.at === 'nothing' ? `.${this.#source}` : 'button')?.focus();
  }

  #choice() {
    const { from, length, seconds } = trainTexts.record;
    const sources: SoundSource[] = canShareTab() ? ['microphone', 'tab'] : ['microphone'];
    return html`
      <label
        >${length}
        <select @change=${(e: Event) => (this.#seconds = Number((e.target as HTMLSelectElement).value))}>
          ${WINDOW_SECONDS.map((n) => html`<option value=${n} ?selected=${n === this.#seconds}>${seconds(n)}</option>`)}
        </select></label
      >
      <div class="row">
        ${sources.map((source) => html`<button class=${source} type="button" @click=${() => this.#start(source)}>${from[source]}</button>`)}
      </div>
      ${this.#alert()}
    `;
  }

  #alert() {
    return this.trouble ? html`<p class="trouble" role="alert">${this.trouble}</p>` : nothing;
  }

  #recording() {
    const { stop, cancel, asking, level, elapsed, windows } = trainTexts.record;
    const running = this.at === 'recording';
    return html`
      <div class="row">
        <button class="main" type="button" @click=${() => this.recorder.stop()}>${running ? stop : cancel}</button>
        ${running
          ? html`<span class="time" role="timer" aria-label=${elapsed}></span>
              <div class="meter" role="meter" aria-label=${level} aria-valuemin=${FLOOR} aria-valuemax="0" aria-valuenow=${FLOOR}><div class="bar"></div></div>`
          : html`<span class="quiet" role="status">${asking}</span>`}
      </div>
      ${running ? html`<p class="quiet">${windows(this.windows)}</p>` : nothing} ${this.#alert()}
    `;
  }

  /** Shows level and time, frame by frame. */
  #follow = () => {
    const { time, meter, recorder } = this;
    if (!time || !meter) return;
    this.#shown = Math.max(recorder.level, this.#shown * FADE);
    const decibels = Math.max(FLOOR, Math.round(20 * Math.log10(this.#shown)));
    meter.setAttribute('aria-valuenow', String(decibels));
    meter.querySelector<HTMLElement>('.bar')!.style.transform = `scaleX(${1 - decibels / FLOOR})`;
    const said = clock(Math.floor(recorder.seconds));
    if (time.textContent !== said) time.textContent = said;
    this.#frame = requestAnimationFrame(this.#follow);
  };

  #start(source: SoundSource) {
    this.#source = source;
    void this.recorder.start(this.classId, source, this.#seconds);
  }
}

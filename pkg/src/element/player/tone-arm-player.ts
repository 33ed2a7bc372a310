import { LitElement, type PropertyValues, css, html, nothing, svg } from 'lit';
import { property, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { spectrogramTable, timelineTable } from './player-tables.js';
import { clock } from '../../text/format.js';
import { momentAt, momentText } from '../../text/moments.js';
import { ownDirection } from '../palette.js';
import { AudioPlayer } from './audio-player.js';
import { texts } from '../../text/texts.js';
import { timeAxis, timeAxisStyles } from './time-axis.js';
import './tone-arm-spectrogram.js';
import { NO_TABLE, type Table, tablesStyles } from '../tone-arm-table.js';
import './tone-arm-timeline.js';
import './tone-arm-waveform.js';
import type { Prediction, Span } from '../../types.js';

/** One and the same array, so that what hangs on it is not drawn again. */
const NO_MOMENTS: Span[] = [];

/**
 * `<tone-arm-player>`: plays the track and shows it over one time axis: waveform, timeline of genres,
 * spectrogram. A press anywhere on them moves the needle; pointing at a moment reads it out. Their
 * numbers stand in tables below.
 */
export class ToneArmPlayer extends LitElement {
  static override styles = [
    ownDirection,
    timeAxisStyles,
    tablesStyles,
    css`
      :host { display: block; }
      .transport { display: flex; align-items: center; gap: 12px; min-block-size: 48px; margin-block-end: 8px; }
      button {
        inline-size: 44px; block-size: 44px; flex: none; padding: 0; border: 0; border-radius: 50%; cursor: pointer;
        color: var(--_on-accent); background: var(--_accent);
      }
      button:disabled { color: var(--_quiet); background: var(--_well); cursor: default; }
      button:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
      button svg { display: block; margin: auto; inline-size: 20px; block-size: 20px; fill: currentColor; }
      .clock { flex: none; font-variant-numeric: tabular-nums; color: var(--_quiet); white-space: nowrap; }
      .clock b { font-weight: 600; color: var(--_ink); }
      .readout { min-inline-size: 0; margin-inline-start: auto; font-size: 14px; font-variant-numeric: tabular-nums; }
      .readout .hint { color: var(--_quiet); }
      [hidden] { display: none !important; }
      /* Time runs from left to right in any language, as on every player. */
      .stack { position: relative; display: grid; gap: 4px; cursor: pointer; touch-action: pan-y; direction: ltr; }
      .needle { position: absolute; inset-block: -4px; inline-size: 2px; margin-inline-start: -1px; background: var(--_accent); pointer-events: none; }
      .needle::before {
        content: ''; position: absolute; inset-block-start: -2px; inset-inline-start: -3px;
        inline-size: 8px; block-size: 8px; border-radius: 50%; background: inherit;
      }
      @container (max-width: 559px) {
        .transport { flex-wrap: wrap; }
        .readout { flex-basis: 100%; min-block-size: 40px; }
      }
    `,
  ];

  /** The file to play. */
  @property({ attribute: false }) file?: Blob;
  @property({ attribute: false }) prediction?: Prediction;
  /** All genres, in order. */
  @property({ attribute: false }) labels: string[] = [];
  @property() theme: 'light' | 'dark' = 'light';
  /** Which parts of it are shown. */
  @property({ type: Boolean }) player = true;
  @property({ type: Boolean }) timeline = true;
  @property({ type: Boolean }) spectrogram = true;
  @state() private pointed = -1;
  readonly #player = new AudioPlayer(this);

  /** Stops the music, as when another track is opened. */
  pause() {
    this.#player.pause();
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#load();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    this.#load();
    if (changed.has('prediction')) this.pointed = -1;
  }

  #load() {
    this.#player.source = this.player ? this.file : undefined;
  }

  get #length(): number {
    return this.prediction?.duration_seconds || this.#player.length;
  }

  get #position(): number {
    return Math.min(this.#player.position, this.#length);
  }

  protected override render() {
    const [length, position] = [this.#length, this.#position];
    return html`
      <div class="transport" ?hidden=${!this.player && !this.timeline}>
        ${this.player ? [this.#button(), this.#clock()] : nothing} ${this.timeline || this.#player.failed ? this.#readout() : nothing}
      </div>
      <div class="stack" @pointerdown=${this.#onDown} @pointermove=${this.#onMove} @pointerleave=${this.#onLeave} @seek=${this.#onSeek}>
        ${this.#pictures(length, position)}
        <div class="needle" part="needle" .style=${`left:${length > 0 ? (position / length) * 100 : 0}%`} ?hidden=${length === 0}></div>
      </div>
      ${timeAxis(length)}
      <div class="tables">${this.#tables()}</div>
    `;
  }

  #pictures(length: number, position: number) {
    const { prediction } = this;
    return [
      this.player &&
        html`<tone-arm-waveform part="waveform" .peaks=${prediction?.peaks} .length=${length} .position=${position}></tone-arm-waveform>`,
      this.timeline &&
        html`<tone-arm-timeline
          part="timeline"
          .moments=${prediction?.moments ?? NO_MOMENTS}
          .labels=${this.labels}
          .length=${length}
          .position=${position}
          .shown=${this.pointed}
        ></tone-arm-timeline>`,
      this.spectrogram &&
        html`<tone-arm-spectrogram part="spectrogram" .spectrogram=${prediction?.spectrogram} .theme=${this.theme}></tone-arm-spectrogram>`,
    ].map((picture) => picture || nothing);
  }

  #tables() {
    const { prediction, labels } = this;
    return [
      this.timeline && this.#table(texts.tables.timeline, prediction && (() => timelineTable(prediction.moments, labels.length))),
      this.spectrogram && this.#table(texts.tables.spectrogram, prediction && (() => spectrogramTable(prediction.spectrogram))),
    ].map((table) => table || nothing);
  }

  /** A table behind a picture, which is made anew with what it is made of, and not with each step of the needle. */
  #table(name: string, table: (() => Table) | undefined) {
    return html`<tone-arm-table
      part="table"
      exportparts="button"
      class=${table ? '' : 'waiting'}
      .name=${name}
      .table=${guard([this.prediction, this.labels], () => table ?? (() => NO_TABLE))}
    ></tone-arm-table>`;
  }

  #button() {
    const { playing, ready } = this.#player;
    return html`<button
      type="button"
      part="play"
      aria-label=${playing ? texts.pause : texts.play}
      ?disabled=${!ready}
      @click=${() => this.#player.toggle()}
    >
      <svg viewBox="0 0 20 20" aria-hidden="true">
        ${playing ? svg`<path d="M5 3h4v14H5zM11 3h4v14h-4z" />` : svg`<path d="M6 3l11 7-11 7z" />`}
      </svg>
    </button>`;
  }

  #clock() {
    return html`<span class="clock" part="clock"><b>${clock(this.#position)}</b> / ${clock(Math.round(this.#length))}</span>`;
  }

  /** The moment pointed at; else the one at the needle once it has been moved. */
  #readout() {
    const moment = this.#shownMoment();
    if (!moment) return html`<span class="readout"><span class="hint">${this.#hint}</span></span>`;
    const times = `${clock(moment.start_seconds)}\u2013${clock(moment.end_seconds)}`;
    return html`<span class="readout"><span class="hint">${times}</span> ${momentText(moment)}</span>`;
  }

  get #hint(): string {
    if (this.#player.failed) return texts.notPlayed;
    return this.prediction?.label ? texts.timelineHint : '';
  }

  #shownMoment(): Span | undefined {
    const { moments } = this.prediction ?? { moments: [] };
    if (this.pointed >= 0) return moments[this.pointed];
    return this.#position > 0 ? moments[momentAt(moments, this.#position)] : undefined;
  }

  #secondsAt(event: PointerEvent): number {
    const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return Math.min(Math.max((event.clientX - left) / width, 0), 1) * this.#length;
  }

  #onDown = (event: PointerEvent) => {
    if (event.button !== 0 || !this.#player.ready) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.#player.seek(this.#secondsAt(event));
  };

  #onMove = (event: PointerEvent) => {
    const seconds = this.#secondsAt(event);
    if (this.prediction) this.pointed = momentAt(this.prediction.moments, seconds);
    if (event.buttons & 1 && this.#player.ready) this.#player.seek(seconds);
  };

  #onLeave = () => {
    this.pointed = -1;
  };

  #onSeek = (event: CustomEvent<number>) => {
    this.#player.seek(event.detail);
  };
}

if (!customElements.get('tone-arm-player')) customElements.define('tone-arm-player', ToneArmPlayer);

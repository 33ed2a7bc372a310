import { LitElement, type PropertyValues, css, html, nothing, svg } from 'lit';
import { property, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { spectrogramTable, timelineTable } from './player-tables.js';
import { clock } from '../../text/format.js';
import { stepAt, stepText } from '../../text/timeline.js';
import { autoDirection, focusRing, narrow } from '../shared-styles.js';
import { AudioPlayer } from './audio-player.js';
import { texts } from '../../text/texts.js';
import { timeAxis, timeAxisStyles } from './time-axis.js';
import './tone-arm-spectrogram.js';
import { EMPTY_TABLE, type Table, tablesStyles } from '../tone-arm-table.js';
import './tone-arm-timeline.js';
import './tone-arm-waveform.js';
import type { Prediction, Span } from '../../types.js';

/** Always the same array, so that the timeline does not update while there is no prediction. */
const NO_STEPS: Span[] = [];

/**
 * `<tone-arm-player>`: plays the track and shows waveform, genre timeline and spectrogram over one time axis.
 * Pressing on the graphics moves the playback position; hovering shows the genres of a moment. Tables below contain
 * the numbers.
 */
export class ToneArmPlayer extends LitElement {
  static override styles = [
    autoDirection,
    focusRing,
    timeAxisStyles,
    tablesStyles,
    css`
      :host { display: block; }
      .transport { display: flex; align-items: center; gap: var(--_space-3); min-block-size: 48px; margin-block-end: var(--_space-2); }
      button {
        inline-size: 44px; block-size: 44px; flex: none; padding: 0; border: 0; border-radius: 50%; cursor: pointer;
        color: var(--_on-accent); background: var(--_accent);
      }
      button:disabled { color: var(--_quiet); background: var(--_well); cursor: default; }
      button svg { display: block; margin: auto; inline-size: 20px; block-size: 20px; fill: currentColor; }
      .clock { flex: none; font-variant-numeric: tabular-nums; color: var(--_quiet); white-space: nowrap; }
      .clock b { font-weight: 600; color: var(--_ink); }
      .readout { min-inline-size: 0; margin-inline-start: auto; font-size: var(--_text-small); font-variant-numeric: tabular-nums; }
      .readout .hint { color: var(--_quiet); }
      [hidden] { display: none !important; }
      /* Time runs from left to right in every language, as on other players. */
      .stack { position: relative; display: grid; gap: var(--_space-1); cursor: pointer; touch-action: pan-y; direction: ltr; }
      .needle { position: absolute; inset-block: -4px; inline-size: 2px; margin-inline-start: -1px; background: var(--_accent); pointer-events: none; }
      .needle::before {
        content: ''; position: absolute; inset-block-start: -2px; inset-inline-start: -3px;
        inline-size: 8px; block-size: 8px; border-radius: 50%; background: inherit;
      }
      @container ${narrow} {
        .transport { flex-wrap: wrap; }
        .readout { flex-basis: 100%; min-block-size: 40px; }
      }
    `,
  ];

  /** The file to play. */
  @property({ attribute: false }) file?: Blob;
  @property({ attribute: false }) prediction?: Prediction;
  /** Labels of all genres, in order. */
  @property({ attribute: false }) labels: string[] = [];
  @property() theme: 'light' | 'dark' = 'light';
  /** Whether the play button, the time and the waveform are shown. */
  @property({ type: Boolean }) player = true;
  /** Whether the timeline is shown. */
  @property({ type: Boolean }) timeline = true;
  /** Whether the spectrogram is shown. */
  @property({ type: Boolean }) spectrogram = true;
  /** Index of the moment below the pointer; -1 for none. */
  @state() private hovered = -1;
  readonly #player = new AudioPlayer(this);

  /** Pauses playback. */
  pause() {
    this.#player.pause();
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#load();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    this.#load();
    if (changed.has('prediction')) this.hovered = -1;
  }

  #load() {
    this.#player.source = this.player ? this.file : undefined;
  }

  get #length(): number {
    return this.prediction?.durationSeconds || this.#player.length;
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
        ${this.#graphics(length, position)}
        <div class="needle" part="needle" .style=${`left:${length > 0 ? (position / length) * 100 : 0}%`} ?hidden=${length === 0}></div>
      </div>
      ${timeAxis(length)}
      <div class="tables">${this.#tables()}</div>
    `;
  }

  #graphics(length: number, position: number) {
    const { prediction } = this;
    return [
      this.player &&
        html`<tone-arm-waveform part="waveform" .peaks=${prediction?.peaks} .length=${length} .position=${position}></tone-arm-waveform>`,
      this.timeline &&
        html`<tone-arm-timeline
          part="timeline"
          .steps=${prediction?.timeline ?? NO_STEPS}
          .labels=${this.labels}
          .length=${length}
          .position=${position}
          .highlighted=${this.hovered}
        ></tone-arm-timeline>`,
      this.spectrogram &&
        html`<tone-arm-spectrogram part="spectrogram" .spectrogram=${prediction?.spectrogram} .theme=${this.theme}></tone-arm-spectrogram>`,
    ].map((graphic) => graphic || nothing);
  }

  #tables() {
    const { prediction, labels } = this;
    const spectrogram = prediction?.spectrogram;
    return [
      this.timeline && this.#table(texts.tables.timeline, prediction && (() => timelineTable(prediction.timeline, labels.length))),
      this.spectrogram && this.#table(texts.tables.spectrogram, spectrogram && (() => spectrogramTable(spectrogram))),
    ].map((table) => table || nothing);
  }

  /** A table that is created again only for another prediction, and not whenever the playback position changes. */
  #table(name: string, table: (() => Table) | null | undefined) {
    return html`<tone-arm-table
      part="table"
      exportparts="button"
      class=${table ? '' : 'waiting'}
      .name=${name}
      .table=${guard([this.prediction, this.labels], () => table ?? (() => EMPTY_TABLE))}
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

  /** The genres of the hovered moment, else of the moment at the playback position, else a hint. */
  #readout() {
    const step = this.#shownStep();
    if (!step) return html`<span class="readout"><span class="hint">${this.#hint}</span></span>`;
    const times = texts.timeRange(clock(step.startSeconds), clock(step.endSeconds));
    return html`<span class="readout"><span class="hint">${times}</span> ${stepText(step)}</span>`;
  }

  get #hint(): string {
    if (this.#player.failed) return texts.cannotPlay;
    return this.prediction?.label ? texts.timelineHint : '';
  }

  #shownStep(): Span | undefined {
    const { timeline } = this.prediction ?? { timeline: [] };
    if (this.hovered >= 0) return timeline[this.hovered];
    return this.#position > 0 ? timeline[stepAt(timeline, this.#position)] : undefined;
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
    if (this.prediction) this.hovered = stepAt(this.prediction.timeline, seconds);
    if (event.buttons & 1 && this.#player.ready) this.#player.seek(seconds);
  };

  #onLeave = () => {
    this.hovered = -1;
  };

  #onSeek = (event: CustomEvent<number>) => {
    this.#player.seek(event.detail);
  };
}

if (!customElements.get('tone-arm-player')) customElements.define('tone-arm-player', ToneArmPlayer);

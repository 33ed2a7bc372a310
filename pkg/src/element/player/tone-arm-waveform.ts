import { LitElement, type PropertyValues, css, html } from 'lit';
import { property } from 'lit/decorators.js';
import { focusRing } from '../shared-styles.js';
import { clock } from '../../text/format.js';
import { texts } from '../../text/texts.js';

/** Seconds that an arrow key and a page key move. */
const STEP_SECONDS = { arrow: 5, page: 30 };

/** Height of the SVG's coordinate system, which CSS stretches. */
const HEIGHT = 100;

/**
 * `<tone-arm-waveform>`: the waveform, which is also a slider for the playback position.
 *
 * @fires seek - `detail` is the new position, in seconds.
 */
export class ToneArmWaveform extends LitElement {
  static override styles = [
    focusRing,
    css`
      :host { display: block; block-size: 88px; position: relative; }
      [role='slider'] { position: absolute; inset: 0; border-radius: var(--_radius-small); }
      svg { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; color: var(--_quiet); }
      svg.played { color: var(--_accent); }
      path { fill: currentColor; }
      line { stroke: var(--_line); vector-effect: non-scaling-stroke; }
    `,
  ];

  /** Peak magnitude of each of equally long parts of the track. */
  @property({ attribute: false }) peaks?: Float32Array;
  /** Length of the track, in seconds; 0 while it is unknown. */
  @property({ type: Number }) length = 0;
  /** Playback position, in seconds. */
  @property({ type: Number }) position = 0;
  #path = '';

  protected override willUpdate(changed: PropertyValues<this>) {
    if (changed.has('peaks')) this.#path = this.peaks ? outline(this.peaks) : '';
  }

  protected override render() {
    const { length, position } = this;
    const played = length > 0 ? position / length : 0;
    const box = `0 0 ${this.peaks?.length ?? 1} ${HEIGHT}`;
    return html`<div
      role="slider"
      tabindex="0"
      aria-label=${texts.waveform}
      aria-valuemin="0"
      aria-valuemax=${Math.round(length)}
      aria-valuenow=${Math.round(position)}
      aria-valuetext=${texts.position(clock(position), clock(length))}
      @keydown=${this.#onKey}
    >
      <svg viewBox=${box} preserveAspectRatio="none" aria-hidden="true">
        <line x1="0" x2="100%" y1=${HEIGHT / 2} y2=${HEIGHT / 2} /><path d=${this.#path} />
      </svg>
      <svg class="played" viewBox=${box} preserveAspectRatio="none" aria-hidden="true" .style=${`clip-path:inset(0 ${(1 - played) * 100}% 0 0)`}>
        <path d=${this.#path} />
      </svg>
    </div>`;
  }

  #onKey = (event: KeyboardEvent) => {
    const position = this.#positionAfter(event.key);
    if (position === undefined) return;
    event.preventDefault();
    const detail = Math.min(Math.max(position, 0), this.length);
    this.dispatchEvent(new CustomEvent('seek', { detail, bubbles: true }));
  };

  /** Position that a key moves to, in seconds, not yet limited to the track; undefined for other keys. */
  #positionAfter(key: string): number | undefined {
    switch (key) {
      case 'ArrowRight': case 'ArrowUp': return this.position + STEP_SECONDS.arrow;
      case 'ArrowLeft': case 'ArrowDown': return this.position - STEP_SECONDS.arrow;
      case 'PageUp': return this.position + STEP_SECONDS.page;
      case 'PageDown': return this.position - STEP_SECONDS.page;
      case 'Home': return 0;
      case 'End': return this.length;
      default: return undefined;
    }
  }
}

/** SVG path of the waveform, mirrored at the centre line. Silent parts keep a minimal thickness. */
function outline(peaks: Float32Array): string {
  const loudest = Math.max(peaks.reduce((a, b) => Math.max(a, b), 0), 1e-6);
  const half = Array.from(peaks, (peak) => Math.max((peak / loudest) * (HEIGHT / 2 - 2), 0.5));
  const y = (value: number) => value.toFixed(1);
  const upper = half.map((h, i) => `${i} ${y(HEIGHT / 2 - h)} ${i + 1} ${y(HEIGHT / 2 - h)}`);
  const lower = half.map((h, i) => `${i + 1} ${y(HEIGHT / 2 + h)} ${i} ${y(HEIGHT / 2 + h)}`).reverse();
  return `M${upper.join(' ')} ${lower.join(' ')}Z`;
}

if (!customElements.get('tone-arm-waveform')) customElements.define('tone-arm-waveform', ToneArmWaveform);

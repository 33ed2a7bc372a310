import { LitElement, type PropertyValues, css, html } from 'lit';
import { property } from 'lit/decorators.js';
import { clock } from '../../text/format.js';
import { texts } from '../../text/texts.js';

/** Seconds that an arrow key moves, and a page key. */
const STEP = { arrow: 5, page: 30 };

/** Height of the picture's own coordinates, which CSS stretches. */
const HEIGHT = 100;

/**
 * `<tone-arm-waveform>`: the waveform as a slider over the track.
 *
 * @fires seek - `detail` is a time in seconds.
 */
export class ToneArmWaveform extends LitElement {
  static override styles = css`
    :host { display: block; block-size: 88px; position: relative; }
    [role='slider'] { position: absolute; inset: 0; border-radius: min(4px, var(--_radius)); outline-offset: 2px; }
    [role='slider']:focus-visible { outline: 2px solid var(--_accent); }
    svg { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; color: var(--_quiet); }
    svg.played { color: var(--_accent); }
    path { fill: currentColor; }
    line { stroke: var(--_line); vector-effect: non-scaling-stroke; }
  `;

  @property({ attribute: false }) peaks?: Float32Array;
  /** Length of the track, in seconds; 0 while it is not known. */
  @property({ type: Number }) length = 0;
  /** Where playing stands, in seconds. */
  @property({ type: Number }) position = 0;
  #path = '';

  protected override willUpdate(changed: PropertyValues<this>) {
    if (changed.has('peaks')) this.#path = this.peaks ? outline(this.peaks) : '';
  }

  protected override render() {
    const { length, position } = this;
    const part = length > 0 ? position / length : 0;
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
      <svg class="played" viewBox=${box} preserveAspectRatio="none" aria-hidden="true" .style=${`clip-path:inset(0 ${(1 - part) * 100}% 0 0)`}>
        <path d=${this.#path} />
      </svg>
    </div>`;
  }

  #onKey = (event: KeyboardEvent) => {
    const to = this.#target(event.key);
    if (to === undefined) return;
    event.preventDefault();
    const detail = Math.min(Math.max(to, 0), this.length);
    this.dispatchEvent(new CustomEvent('seek', { detail, bubbles: true, composed: true }));
  };

  #target(key: string): number | undefined {
    switch (key) {
      case 'ArrowRight': case 'ArrowUp': return this.position + STEP.arrow;
      case 'ArrowLeft': case 'ArrowDown': return this.position - STEP.arrow;
      case 'PageUp': return this.position + STEP.page;
      case 'PageDown': return this.position - STEP.page;
      case 'Home': return 0;
      case 'End': return this.length;
      default: return undefined;
    }
  }
}

/** A closed outline, mirrored at the middle; quiet parts keep a hair's breadth. */
function outline(peaks: Float32Array): string {
  const loudest = Math.max(peaks.reduce((a, b) => Math.max(a, b), 0), 1e-6);
  const half = Array.from(peaks, (peak) => Math.max((peak / loudest) * (HEIGHT / 2 - 2), 0.5));
  const y = (value: number) => value.toFixed(1);
  const upper = half.map((h, i) => `${i} ${y(HEIGHT / 2 - h)} ${i + 1} ${y(HEIGHT / 2 - h)}`);
  const lower = half.map((h, i) => `${i + 1} ${y(HEIGHT / 2 + h)} ${i} ${y(HEIGHT / 2 + h)}`).reverse();
  return `M${upper.join(' ')} ${lower.join(' ')}Z`;
}

if (!customElements.get('tone-arm-waveform')) customElements.define('tone-arm-waveform', ToneArmWaveform);

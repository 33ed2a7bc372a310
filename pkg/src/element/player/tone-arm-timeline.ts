import { LitElement, css, html, svg } from 'lit';
import { property } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { clock } from '../../text/format.js';
import { momentAt, momentText, ranked } from '../../text/moments.js';
import { focusRing, genreColour } from '../shared-styles.js';
import { texts } from '../../text/texts.js';
import type { Span } from '../../types.js';

/** Height of the SVG's coordinate system, which CSS stretches. */
const HEIGHT = 100;

/**
 * `<tone-arm-timeline>`: the most probable genre of each moment as a bar in its colour, whose height is the
 * probability. It is also a slider that moves from moment to moment.
 *
 * @fires seek - `detail` is the new position, in seconds.
 */
export class ToneArmTimeline extends LitElement {
  static override styles = [
    focusRing,
    css`
      :host { display: block; block-size: 40px; position: relative; }
      [role='slider'] { position: absolute; inset: 0; border-radius: var(--_radius-small); overflow: hidden; background: var(--_well); }
      svg { display: block; inline-size: 100%; block-size: 100%; }
      .rest { opacity: 0.22; }
      .shown { fill: none; stroke: var(--_ink); stroke-width: 2; vector-effect: non-scaling-stroke; }
    `,
  ];

  @property({ attribute: false }) moments: Span[] = [];
  /** Labels of all genres, in the order of the colours. */
  @property({ attribute: false }) labels: string[] = [];
  /** Length of the track, in seconds. */
  @property({ type: Number }) length = 0;
  /** Playback position, in seconds. */
  @property({ type: Number }) position = 0;
  /** Index of the moment to outline; -1 for none. */
  @property({ type: Number }) highlighted = -1;

  protected override render() {
    const index = this.moments.length > 0 ? momentAt(this.moments, this.position) : -1;
    const moment = this.moments[index];
    return html`<div
      role="slider"
      tabindex=${moment ? 0 : -1}
      aria-label=${texts.timeline}
      aria-disabled=${moment ? 'false' : 'true'}
      aria-valuemin="0"
      aria-valuemax=${Math.max(this.moments.length - 1, 0)}
      aria-valuenow=${Math.max(index, 0)}
      aria-valuetext=${moment ? texts.momentAt(clock(moment.start_seconds), momentText(moment)) : ''}
      @keydown=${this.#onKey}
    >
      <svg viewBox=${`0 0 ${this.length || 1} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        ${guard([this.moments, this.labels], () => this.moments.map((moment) => this.#bar(moment)))}
        ${this.#outline()}
      </svg>
    </div>`;
  }

  #bar({ start_seconds: x, end_seconds, probabilities }: Span) {
    const top = probabilities && ranked(probabilities)[0];
    if (!top) return svg``;
    const width = end_seconds - x;
    const height = top.probability * HEIGHT;
    const style = `fill:${genreColour(this.labels.indexOf(top.label))}`;
    return svg`
      <rect class="rest" x=${x} width=${width} y="0" height=${HEIGHT} .style=${style} />
      <rect x=${x} width=${width} y=${HEIGHT - height} height=${height} .style=${style} />
    `;
  }

  #outline() {
    const moment = this.moments[this.highlighted];
    if (!moment) return svg``;
    const width = moment.end_seconds - moment.start_seconds;
    return svg`<rect class="shown" x=${moment.start_seconds} width=${width} y="0" height=${HEIGHT} />`;
  }

  #onKey = (event: KeyboardEvent) => {
    const index = this.#indexAfter(event.key);
    const moment = this.moments[Math.min(Math.max(index ?? 0, 0), this.moments.length - 1)];
    if (index === undefined || !moment) return;
    event.preventDefault();
    this.dispatchEvent(new CustomEvent('seek', { detail: moment.start_seconds, bubbles: true, composed: true }));
  };

  /** Index of the moment that a key moves to, not yet limited to the track; undefined for other keys. */
  #indexAfter(key: string): number | undefined {
    const index = momentAt(this.moments, this.position);
    switch (key) {
      case 'ArrowRight': case 'ArrowUp': return index + 1;
      case 'ArrowLeft': case 'ArrowDown': return index - 1;
      case 'Home': return 0;
      case 'End': return this.moments.length - 1;
      default: return undefined;
    }
  }
}

if (!customElements.get('tone-arm-timeline')) customElements.define('tone-arm-timeline', ToneArmTimeline);

import { LitElement, css, html, svg } from 'lit';
import { property } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { clock } from '../../text/format.js';
import { ranked, stepAt, stepText } from '../../text/timeline.js';
import { focusRing, genreColour } from '../shared-styles.js';
import { texts } from '../../text/texts.js';
import type { Span } from '../../types.js';

/** Height of the SVG's coordinate system, which CSS stretches. */
const HEIGHT = 100;

/**
 * `<tone-arm-timeline>`: the most probable genre of each step as a bar in its colour, whose height is the
 * probability. It is also a slider that moves from step to step.
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

  @property({ attribute: false }) steps: Span[] = [];
  /** Labels of all genres, in the order of the colours. */
  @property({ attribute: false }) labels: string[] = [];
  /** Length of the track, in seconds. */
  @property({ type: Number }) length = 0;
  /** Playback position, in seconds. */
  @property({ type: Number }) position = 0;
  /** Index of the step to outline; -1 for none. */
  @property({ type: Number }) highlighted = -1;

  protected override render() {
    const index = this.steps.length > 0 ? stepAt(this.steps, this.position) : -1;
    const step = this.steps[index];
    return html`<div
      role="slider"
      tabindex=${step ? 0 : -1}
      aria-label=${texts.timeline}
      aria-disabled=${step ? 'false' : 'true'}
      aria-valuemin="0"
      aria-valuemax=${Math.max(this.steps.length - 1, 0)}
      aria-valuenow=${Math.max(index, 0)}
      aria-valuetext=${step ? texts.momentAt(clock(step.startSeconds), stepText(step)) : ''}
      @keydown=${this.#onKey}
    >
      <svg viewBox=${`0 0 ${this.length || 1} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        ${guard([this.steps, this.labels], () => this.steps.map((step) => this.#bar(step)))}
        ${this.#outline()}
      </svg>
    </div>`;
  }

  #bar({ startSeconds: x, endSeconds, probabilities }: Span) {
    const top = probabilities && ranked(probabilities)[0];
    if (!top) return svg``;
    const width = endSeconds - x;
    const height = top.probability * HEIGHT;
    const style = `fill:${genreColour(this.labels.indexOf(top.label))}`;
    return svg`
      <rect class="rest" x=${x} width=${width} y="0" height=${HEIGHT} .style=${style} />
      <rect x=${x} width=${width} y=${HEIGHT - height} height=${height} .style=${style} />
    `;
  }

  #outline() {
    const step = this.steps[this.highlighted];
    if (!step) return svg``;
    const width = step.endSeconds - step.startSeconds;
    return svg`<rect class="shown" x=${step.startSeconds} width=${width} y="0" height=${HEIGHT} />`;
  }

  #onKey = (event: KeyboardEvent) => {
    const index = this.#indexAfter(event.key);
    const step = this.steps[Math.min(Math.max(index ?? 0, 0), this.steps.length - 1)];
    if (index === undefined || !step) return;
    event.preventDefault();
    this.dispatchEvent(new CustomEvent('seek', { detail: step.startSeconds, bubbles: true }));
  };

  /** Index of the step that a key moves to, not yet limited to the track; undefined for other keys. */
  #indexAfter(key: string): number | undefined {
    const index = stepAt(this.steps, this.position);
    switch (key) {
      case 'ArrowRight': case 'ArrowUp': return index + 1;
      case 'ArrowLeft': case 'ArrowDown': return index - 1;
      case 'Home': return 0;
      case 'End': return this.steps.length - 1;
      default: return undefined;
    }
  }
}

if (!customElements.get('tone-arm-timeline')) customElements.define('tone-arm-timeline', ToneArmTimeline);

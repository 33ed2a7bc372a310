import { LitElement, css, html } from 'lit';
import { property } from 'lit/decorators.js';
import { autoDirection, genreColour, narrow } from './shared-styles.js';
import { wholePercent } from '../text/numbers.js';
import { texts } from '../text/texts.js';
import type { Probabilities } from '../types.js';

/**
 * `<tone-arm-bars>`: the probability of every genre as a bar, in label order, so that each genre has the same
 * position for every track. The bars are also the legend for the timeline's colours.
 */
export class ToneArmBars extends LitElement {
  static override styles = [
    autoDirection,
    css`
      :host { display: block; }
      ul {
        list-style: none; margin: 0; padding: 0; display: grid; gap: 0 var(--_space-8);
        grid-template-columns: 1fr; grid-auto-rows: 28px;
      }
      @container not ${narrow} {
        ul { grid-template-columns: 1fr 1fr; grid-auto-flow: column; grid-template-rows: repeat(var(--rows), 28px); }
      }
      li { display: grid; grid-template-columns: 112px 1fr 48px; gap: var(--_space-3); align-items: center; font-size: var(--_text-small); }
      .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .track { block-size: 8px; border-radius: var(--_radius-small); background: var(--_well); overflow: hidden; }
      .bar { block-size: 100%; border-radius: var(--_radius-small); transform-origin: left; transition: transform 400ms cubic-bezier(0.2, 0.7, 0.2, 1); }
      :host(:dir(rtl)) .bar { transform-origin: right; }
      .value { text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums; color: var(--_quiet); }
      .top .name, .top .value { font-weight: 600; color: var(--_ink); }
      @media (prefers-reduced-motion: reduce) { .bar { transition: none; } }
    `,
  ];

  /** Labels of all genres, in order. They are shown before there is a prediction. */
  @property({ attribute: false }) labels: string[] = [];
  /** Probability of each genre; null if the track is silent. */
  @property({ attribute: false }) probabilities?: Probabilities | null;

  protected override render() {
    const largest = Math.max(...Object.values(this.probabilities ?? {}));
    return html`<ul aria-label=${texts.allGenres} .style=${`--rows:${Math.ceil(this.labels.length / 2)}`}>
      ${this.labels.map((label, i) => this.#row(label, i, largest))}
    </ul>`;
  }

  #row(label: string, index: number, largest: number) {
    const probability = this.probabilities?.[label];
    return html`<li part="genre" class=${probability === largest ? 'top' : ''}>
      <span class="name" title=${label}>${label}</span>
      <span class="track"
        ><div class="bar" part="bar" .style=${`background:${genreColour(index)};transform:scaleX(${probability ?? 0})`}></div
      ></span>
      <span class="value">${probability === undefined ? '' : wholePercent(probability)}</span>
    </li>`;
  }
}

if (!customElements.get('tone-arm-bars')) customElements.define('tone-arm-bars', ToneArmBars);

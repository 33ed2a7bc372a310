import { LitElement, css, html, nothing } from 'lit';
import { property } from 'lit/decorators.js';
import { autoDirection, narrow } from './shared-styles.js';
import { texts } from '../text/texts.js';
import type { Metadata } from '../metadata.js';
import type { Prediction } from '../types.js';

/** `<tone-arm-estimates>`: the Echo Nest features that the network estimates from the audio. */
export class ToneArmEstimates extends LitElement {
  static override styles = [
    autoDirection,
    css`
      :host { display: grid; align-content: start; font-size: var(--_text-small); color: var(--_quiet); }
      h3 { margin: 0; font: inherit; line-height: 24px; color: var(--_ink); }
      p { margin: 0 0 var(--_space-1); line-height: 20px; }
      /* Reserves space for the estimates of the shipped networks, so that nothing moves when they appear. */
      dl { margin: 0; min-block-size: 48px; display: grid; grid-template-columns: repeat(auto-fill, minmax(216px, 1fr)); grid-auto-rows: 24px; gap: 0 var(--_space-6); }
      dl div { display: flex; gap: var(--_space-2); align-items: center; justify-content: space-between; }
      dd { margin: 0; font-variant-numeric: tabular-nums; color: var(--_ink); }
      .value { display: inline-block; min-inline-size: 4ch; }
      meter { inline-size: 48px; block-size: 10px; vertical-align: middle; }
      meter::-webkit-meter-bar { block-size: 8px; border: 0; border-radius: var(--_radius-small); background: var(--_well); }
      meter::-webkit-meter-optimum-value { border-radius: var(--_radius-small); background: var(--_quiet); }
      meter::-moz-meter-bar { background: var(--_quiet); }
      @container ${narrow} { dl { min-block-size: 96px; } }
    `,
  ];

  @property({ attribute: false }) metadata?: Metadata;
  @property({ attribute: false }) prediction?: Prediction;

  protected override render() {
    const shown = this.metadata?.modelCard.estimates.filter((estimate) => estimate.shown);
    return html`
      <h3>${texts.estimates}</h3>
      <p>${texts.estimatesNote}</p>
      <dl>${shown?.map(({ name }) => this.#estimate(name)) ?? nothing}</dl>
    `;
  }

  #estimate(name: string) {
    const estimate = this.prediction?.estimates?.[name];
    // The features are between 0 and 1, but the regression is not bounded.
    const value = estimate === undefined ? undefined : Math.min(1, Math.max(0, estimate));
    const title = texts.estimateNames[name] ?? name;
    return html`<div>
      <dt>${title}</dt>
      <dd><meter aria-label=${title} value=${value ?? 0}></meter> <span class="value">${value === undefined ? '' : texts.estimate(value)}</span></dd>
    </div>`;
  }
}

if (!customElements.get('tone-arm-estimates')) customElements.define('tone-arm-estimates', ToneArmEstimates);

import { LitElement, css, html, nothing } from 'lit';
import { property } from 'lit/decorators.js';
import { autoDirection, genreColour } from './shared-styles.js';
import { wholePercent } from '../text/numbers.js';
import { type RichText, texts } from '../text/texts.js';
import type { Prediction } from '../types.js';

/** `<tone-arm-answer>`: the predicted genre in large type, which is bold if the prediction is confident. */
export class ToneArmAnswer extends LitElement {
  static override styles = [
    autoDirection,
    css`
      :host { display: block; }
      p { margin: 0; }
      .line { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 var(--_space-4); }
      .label { font-size: var(--_text-answer); line-height: 1.15; font-weight: 700; letter-spacing: -0.02em; overflow-wrap: anywhere; }
      .unsure .label { font-size: var(--_text-unsure); font-weight: 400; letter-spacing: -0.01em; }
      .percent { font-size: var(--_text-large); font-variant-numeric: tabular-nums; color: var(--_quiet); }
      .dot { inline-size: 12px; block-size: 12px; border-radius: 50%; align-self: center; flex: none; }
      .next { margin-block-start: var(--_space-1); color: var(--_quiet); font-variant-numeric: tabular-nums; }
      b { font-weight: 600; color: var(--_ink); }
    `,
  ];

  @property({ attribute: false }) prediction?: Prediction;

  protected override render() {
    const { prediction } = this;
    if (!prediction) return nothing;
    if (prediction.label === null) return this.#silent();
    if (prediction.mapPosition?.outOfDistribution) return this.#outOfDistribution(prediction);
    return prediction.confident || !prediction.between ? this.#confident(prediction) : this.#ambiguous(prediction);
  }

  #silent() {
    return html`<div class="unsure"><p class="label" part="label">${texts.noSound}</p><p class="next" part="next">${texts.noSoundDetail}</p></div>`;
  }

  #confident({ top, probabilities }: Prediction) {
    const [first, ...others] = top;
    if (!first) return nothing;
    const colour = genreColour(Object.keys(probabilities ?? {}).indexOf(first.label));
    return html`
      <p class="line">
        <span class="label" part="label">${first.label}</span>
        <span class="dot" .style=${`background:${colour}`}></span>
        <span class="percent" part="percent">${wholePercent(first.probability)}</span>
      </p>
      ${others.length > 0 ? html`<p class="next" part="next">${rich(texts.nextGenres(others))}</p>` : nothing}
    `;
  }

  #ambiguous({ top, between, probabilities }: Prediction) {
    if (!between) return nothing;
    const [first, second] = [probabilities?.[between[0]] ?? 0, probabilities?.[between[1]] ?? 0];
    return html`
      <div class="unsure">
        <p class="label" part="label">${texts.between(between[0], between[1])}</p>
        <p class="next" part="next">${rich(texts.notSureBetween(first, second, top.slice(2)))}</p>
      </div>
    `;
  }

  #outOfDistribution({ top, mapPosition }: Prediction) {
    const [first] = top;
    const reason = mapPosition?.speech ? texts.speech : texts.outOfDistribution;
    return html`
      <div class="unsure">
        <p class="label" part="label">${texts.notSure}</p>
        <p class="next" part="next">${reason(first?.label ?? '')}</p>
      </div>
    `;
  }
}

function rich(text: RichText) {
  return text.map((part) => (typeof part === 'string' ? part : html`<b>${part.strong}</b>`));
}

if (!customElements.get('tone-arm-answer')) customElements.define('tone-arm-answer', ToneArmAnswer);

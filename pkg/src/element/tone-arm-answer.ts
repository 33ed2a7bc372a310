import { LitElement, css, html, nothing } from 'lit';
import { property } from 'lit/decorators.js';
import { genreColour, ownDirection } from './palette.js';
import { texts } from '../text/texts.js';
import type { Genre, Prediction } from '../types.js';

/**
 * `<tone-arm-answer>`: the answer in large type. A confident one looks confident, an unsure one unsure.
 */
export class ToneArmAnswer extends LitElement {
  static override styles = [
    ownDirection,
    css`
      :host { display: block; }
      p { margin: 0; }
      .line { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 16px; }
      .label { font-size: clamp(36px, 7cqi, 56px); line-height: 1.15; font-weight: 700; letter-spacing: -0.02em; overflow-wrap: anywhere; }
      .unsure .label { font-size: clamp(26px, 5cqi, 40px); font-weight: 400; letter-spacing: -0.01em; }
      .percent { font-size: 28px; font-variant-numeric: tabular-nums; color: var(--_quiet); }
      .dot { inline-size: 12px; block-size: 12px; border-radius: 50%; align-self: center; flex: none; }
      .next { margin-block-start: 4px; color: var(--_quiet); font-variant-numeric: tabular-nums; }
      b { font-weight: 600; color: var(--_ink); }
    `,
  ];

  @property({ attribute: false }) prediction?: Prediction;

  protected override render() {
    const { prediction } = this;
    if (!prediction) return nothing;
    if (prediction.label === null) return this.#silent();
    if (prediction.place?.strange) return this.#strange(prediction);
    return prediction.confident || !prediction.between ? this.#sure(prediction) : this.#unsure(prediction);
  }

  #silent() {
    return html`<div class="unsure"><p class="label" part="label">${texts.noSound}</p><p class="next" part="next">${texts.noSoundLine}</p></div>`;
  }

  #sure({ top, probabilities }: Prediction) {
    const [first, ...others] = top;
    if (!first) return nothing;
    const colour = genreColour(Object.keys(probabilities ?? {}).indexOf(first.label));
    return html`
      <p class="line">
        <span class="label" part="label">${first.label}</span>
        <span class="dot" .style=${`background:${colour}`}></span>
        <span class="percent" part="percent">${texts.percent(first.probability)}</span>
      </p>
      ${this.#next(others)}
    `;
  }

  #unsure({ top, between, probabilities }: Prediction) {
    if (!between) return nothing;
    const [first, second] = between.map((label) => texts.percent(probabilities?.[label] ?? 0));
    return html`
      <div class="unsure">
        <p class="label" part="label">${texts.between(between[0], between[1])}</p>
        <p class="next" part="next">${texts.notSure}: <b>${first}</b>, <b>${second}</b>${this.#tail(top.slice(2))}</p>
      </div>
    `;
  }

  #strange({ top, place }: Prediction) {
    const [first] = top;
    const why = place?.speech ? texts.speech : texts.strange;
    return html`
      <div class="unsure">
        <p class="label" part="label">${texts.notSure}</p>
        <p class="next" part="next">${why(first?.label ?? '')}</p>
      </div>
    `;
  }

  #next(others: Genre[]) {
    if (others.length === 0) return nothing;
    return html`<p class="next" part="next">${texts.then} ${others.map(
      ({ label, probability }, i) => html`${i > 0 ? ', ' : ''}<b>${label}</b> ${texts.percent(probability)}`,
    )}</p>`;
  }

  #tail(others: Genre[]) {
    return others.map(({ label, probability }) => html`, ${texts.then} ${label} ${texts.percent(probability)}`);
  }
}

if (!customElements.get('tone-arm-answer')) customElements.define('tone-arm-answer', ToneArmAnswer);

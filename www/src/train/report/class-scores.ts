import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ClassMetrics, Metrics } from 'tonearm/project';
import { focusRing } from '../../shared/shared-styles.js';
import { FEW_OF_CLASS, doubts, percent } from './predictions.js';
import { seeingStyles } from './report-styles.js';
import { seeingTexts } from './report-texts.js';

/** Classes up to which being among the first three says nothing. */
const TOP = 3;

/** `<class-scores>`: how good the answers are, in all and of each class, and how far that can be trusted. */
@customElement('class-scores')
export class ClassScores extends LitElement {
  static override styles = [
    focusRing,
    seeingStyles,
    css`
      :host { display: grid; gap: 16px; container-type: inline-size; }
      dl { display: flex; flex-wrap: wrap; gap: 16px 32px; font-variant-numeric: tabular-nums; }
      dt { color: var(--quiet); }
      dd { font-size: 18px; }
      .main { flex: 1 0 100%; }
      .main dd:first-of-type { font-size: 36px; line-height: 1.2; font-weight: 700; letter-spacing: -0.02em; }
      .main dd { font-size: 14px; }
      .doubts { display: grid; gap: 4px; }
      .table { inline-size: 100%; max-inline-size: 560px; }
      table { inline-size: 100%; }
      tbody th { overflow-wrap: anywhere; min-inline-size: 80px; }
      .scroll .doubt { margin-inline-end: 6px; }
      @container (max-width: 480px) {
        th, td { padding-inline-start: 8px; }
        .scroll .doubt { display: block; margin: 0; }
      }
    `,
  ];

  @property({ attribute: false }) metrics: Metrics | undefined;
  /** Bounds of the middle 95 % of the share right. */
  @property({ attribute: false }) interval: [number, number] | undefined;

  protected override render() {
    const { metrics } = this;
    if (!metrics) return nothing;
    const said = doubts(metrics);
    return html`
      ${metrics.n > 0 ? this.#figures(metrics) : nothing}
      ${said.length > 0 ? html`<div class="doubts">${said.map((doubt) => html`<p class="doubt">${doubt}</p>`)}</div>` : nothing}
      ${metrics.n > 0 ? table(metrics) : nothing}
    `;
  }

  #figures({ n, top1, top3, balanced, macro_f1, ece, per_class }: Metrics) {
    const { scores } = seeingTexts;
    const figures: [string, string][] = [
      ...(per_class.length > TOP ? [[scores.top3, percent(top3, n)] as [string, string]] : []),
      [scores.balanced, percent(balanced, n)],
      [scores.macroF1, macro_f1.toFixed(2)],
      [scores.ece, percent(ece, n)],
    ];
    const interval = this.interval?.map((bound) => percent(bound, n));
    return html`<dl>
      <div class="main">
        <dt>${scores.right}</dt>
        <dd>${percent(top1, n)}</dd>
        <dd class="quiet">
          ${scores.rightOf(Math.round(top1 * n), n)}${interval ? html`; ${scores.interval(interval[0] ?? '', interval[1] ?? '')}` : nothing}
        </dd>
      </div>
      ${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
    </dl>`;
  }
}

function table({ per_class, confusion }: Metrics) {
  const { scores } = seeingTexts;
  return html`<div class="scroll table" tabindex="0" role="group" aria-label=${scores.name}>
    <table>
      <caption class="visually-hidden">${scores.name}</caption>
      <thead>
        <tr>${scores.columns.map((column, i) => html`<th scope="col" class=${i > 0 ? 'number' : ''}>${column}</th>`)}</tr>
      </thead>
      <tbody>
        ${per_class.map((each, i) => row(each, confusion.some((counts) => (counts[i] ?? 0) > 0)))}
      </tbody>
    </table>
  </div>`;
}

/** One class. What is divided by nothing has no value. */
function row({ label, n, precision, recall, f1 }: ClassMetrics, answered: boolean) {
  const { scores, none } = seeingTexts;
  const missing = (reason: string) => html`<span class="quiet" title=${reason}>${none}<span class="visually-hidden">${reason}</span></span>`;
  return html`<tr>
    <th scope="row">${label}</th>
    <td class="number">${n < FEW_OF_CLASS ? html`<span class="doubt">${scores.tooFew}</span>` : nothing} ${n}</td>
    <td class="number">${answered ? percent(precision, n) : missing(scores.neverAnswered)}</td>
    <td class="number">${n > 0 ? percent(recall, n) : missing(scores.noFiles)}</td>
    <td class="number">${n > 0 ? f1.toFixed(2) : missing(scores.noFiles)}</td>
  </tr>`;
}

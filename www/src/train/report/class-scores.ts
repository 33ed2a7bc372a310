import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { decimal } from 'tonearm/page';
import type { ClassMetrics, Metrics } from 'tonearm/project';
import { focusRing, narrow } from '../../shared/shared-styles.js';
import { MIN_FILES_PER_CLASS, percentOfFiles, sampleSizeWarnings } from './predictions.js';
import { reportStyles } from './report-styles.js';
import { texts } from '../../texts/texts.js';

/** Number of classes up to which the top-3 accuracy is always 100 %. */
const TOP = 3;

/** `<class-scores>`: metrics of a model, overall and for each class, with warnings about small samples. */
@customElement('class-scores')
export class ClassScores extends LitElement {
  static override styles = [
    focusRing,
    reportStyles,
    css`
      :host { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--_space-4); container-type: inline-size; }
      dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(200px, 100%), 1fr)); gap: var(--_space-4) var(--_space-8); font-variant-numeric: tabular-nums; }
      dt { color: var(--_quiet); }
      dd { font-size: var(--_text-lead); }
      .main { grid-column: 1 / -1; }
      .main dd:first-of-type { font-size: var(--_text-title); line-height: 1.2; font-weight: 700; letter-spacing: -0.02em; }
      .main dd, .meaning { font-size: var(--_text-small); }
      .meaning { color: var(--_quiet); }
      .warnings { display: grid; gap: var(--_space-1); }
      .table { inline-size: 100%; max-inline-size: 560px; }
      table { inline-size: 100%; }
      .scroll .warning { margin-inline-end: 6px; }
      @container ${narrow} {
        th, td { padding-inline-start: var(--_space-2); }
        .scroll .warning { display: block; margin: 0; }
      }
    `,
  ];

  @property({ attribute: false }) metrics: Metrics | undefined;
  /** Bounds of the 95 % confidence interval of the accuracy. */
  @property({ attribute: false }) interval: [number, number] | undefined;

  protected override render() {
    const { metrics } = this;
    if (!metrics) return nothing;
    const warnings = sampleSizeWarnings(metrics);
    return html`
      ${metrics.n > 0 ? this.#overall(metrics) : nothing}
      ${warnings.length > 0 ? html`<div class="warnings">${warnings.map((warning) => html`<p class="warning">${warning}</p>`)}</div>` : nothing}
      ${metrics.n > 0 ? table(metrics) : nothing}
    `;
  }

  #overall({ n, top1, top3, balanced, macroF1, ece, perClass }: Metrics) {
    const { scores } = texts.report;
    const others: { name: keyof typeof scores.meaning & keyof typeof scores; value: string }[] = [
      ...(perClass.length > TOP ? [{ name: 'top3' as const, value: percentOfFiles(top3, n) }] : []),
      { name: 'balanced', value: percentOfFiles(balanced, n) },
      { name: 'macroF1', value: decimal(macroF1, 2) },
      { name: 'ece', value: percentOfFiles(ece, n) },
    ];
    const correct = Math.round(top1 * n);
    const { interval } = this;
    return html`<dl>
      <div class="main">
        <dt>${scores.accuracy}</dt>
        <dd>${percentOfFiles(top1, n)}</dd>
        <dd class="quiet">
          ${interval ? scores.correctWithInterval(correct, n, percentOfFiles(interval[0], n), percentOfFiles(interval[1], n)) : scores.correct(correct, n)}
        </dd>
        ${interval ? html`<dd class="meaning">${scores.meaning.interval}</dd>` : nothing}
      </div>
      ${others.map(({ name, value }) => html`<div><dt>${scores[name]}</dt><dd>${value}</dd><dd class="meaning">${scores.meaning[name]}</dd></div>`)}
    </dl>`;
  }
}

function table({ perClass, confusion }: Metrics) {
  const { scores } = texts.report;
  return html`<div class="scroll table" tabindex="0" role="group" aria-label=${scores.name}>
    <table>
      <caption class="visually-hidden">${scores.name}</caption>
      <thead>
        <tr>${scores.columns.map((column, i) => html`<th scope="col" class=${i > 0 ? 'number' : ''}>${column}</th>`)}</tr>
      </thead>
      <tbody>
        ${perClass.map((each, i) => row(each, confusion.some((counts) => (counts[i] ?? 0) > 0)))}
      </tbody>
    </table>
  </div>`;
}

/** The row of a class. Metrics with a denominator of zero are shown as missing. */
function row({ label, n, precision, recall, f1 }: ClassMetrics, predicted: boolean) {
  const { scores, none } = texts.report;
  const missing = (reason: string) => html`<span class="quiet" title=${reason}>${none}<span class="visually-hidden">${reason}</span></span>`;
  return html`<tr>
    <th scope="row"><span class="class-name" dir="auto">${label}</span></th>
    <td class="number">${n < MIN_FILES_PER_CLASS ? html`<span class="warning">${scores.tooFew}</span>` : nothing} ${n}</td>
    <td class="number">${predicted ? percentOfFiles(precision, n) : missing(scores.neverPredicted)}</td>
    <td class="number">${n > 0 ? percentOfFiles(recall, n) : missing(scores.noFiles)}</td>
    <td class="number">${n > 0 ? decimal(f1, 2) : missing(scores.noFiles)}</td>
  </tr>`;
}

import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { focusRing } from '../../shared/shared-styles.js';
import { reportStyles } from './report-styles.js';
import { texts } from '../../texts/texts.js';

/** A cell of the confusion matrix: indices of the true class and the predicted class. */
export interface ConfusionCell {
  truth: number;
  predicted: number;
}

/**
 * `<confusion-table>`: a confusion matrix, whose cells can be selected.
 *
 * @fires choose-cell - `detail` is the `ConfusionCell` that was selected. Empty cells cannot be selected.
 */
@customElement('confusion-table')
export class ConfusionTable extends LitElement {
  static override styles = [
    focusRing,
    reportStyles,
    css`
      table { border-spacing: 2px; border-collapse: separate; }
      th, td { padding: 0; border: 0; text-align: center; }
      thead th { vertical-align: bottom; font-weight: 400; padding: var(--_space-1); }
      thead th span { writing-mode: vertical-rl; rotate: 180deg; max-block-size: 40px; max-inline-size: 128px; overflow: hidden; overflow-wrap: anywhere; text-align: start; }
      /* The classes stay visible when the table is scrolled, and do not cover the focused cell. */
      tbody th { position: sticky; inset-inline-start: 0; background: var(--_paper); text-align: start; line-height: 1.25; }
      tbody th { padding-inline-end: var(--_space-3); }
      .scroll { scroll-padding-inline-start: 128px; }
      p { margin-block-end: var(--_space-2); }
      td { block-size: 36px; min-inline-size: 36px; background: var(--_well); color: var(--_quiet); border-radius: var(--_radius-small); }
      td.total { background: none; padding-inline: var(--_space-2); }
      td.correct { font-weight: 600; }
      button { display: block; inline-size: 100%; min-inline-size: 36px; block-size: 36px; padding: 0 var(--_space-1); border: 0; border-radius: var(--_radius-small); color: var(--_ink); }
      button:hover { box-shadow: inset 0 0 0 1px var(--_ink); }
      button[aria-pressed='true'] { color: var(--_ink); background: none; box-shadow: inset 0 0 0 2px var(--_ink); }
    `,
  ];

  @property({ attribute: false }) labels: string[] = [];
  /** Number of files by true class (outer) and predicted class (inner). */
  @property({ attribute: false }) confusion: number[][] = [];
  /** The selected cell. */
  @property({ attribute: false }) selected: ConfusionCell | undefined;

  protected override render() {
    const { confusion } = texts.report;
    // A table caption would be only as wide as the table, which is narrow if there are two classes.
    return html`<p class="quiet">${confusion.caption}</p>
      <div class="scroll" tabindex="0" role="group" aria-label=${confusion.name}>
        <table>
          <caption class="visually-hidden">${confusion.name}</caption>
          <thead>
            <tr>
              <td class="total"></td>
              ${this.labels.map((label) => html`<th scope="col"><span dir="auto" title=${label}>${label}</span></th>`)}
              <th scope="col"><span>${confusion.total}</span></th>
            </tr>
          </thead>
          <tbody>${this.confusion.map((counts, truth) => this.#row(counts, truth))}</tbody>
        </table>
      </div>`;
  }

  #row(counts: number[], truth: number) {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return html`<tr>
      <th scope="row"><span class="class-name" dir="auto">${this.labels[truth]}</span></th>
      ${counts.map((count, predicted) => this.#cell({ truth, predicted }, count, count / (total || 1)))}
      <td class="total">${total}</td>
    </tr>`;
  }

  #cell(cell: ConfusionCell, count: number, fraction: number) {
    const { truth, predicted } = cell;
    const correct = truth === predicted ? 'correct' : '';
    if (count === 0) return html`<td class=${correct}>0</td>`;
    const pressed = this.selected?.truth === truth && this.selected.predicted === predicted;
    const name = texts.report.confusion.cell(this.labels[truth] ?? '', this.labels[predicted] ?? '', count, fraction);
    // At most half of the accent colour, so that the text stays readable.
    return html`<td class=${correct} .style=${`background:color-mix(in srgb, var(--_accent) ${fraction * 50}%, var(--_well))`}>
      <button type="button" aria-label=${name} title=${name} aria-pressed=${pressed ? 'true' : 'false'} @click=${() => this.#choose(cell)}>${count}</button>
    </td>`;
  }

  #choose(detail: ConfusionCell) {
    this.dispatchEvent(new CustomEvent('choose-cell', { detail }));
  }
}

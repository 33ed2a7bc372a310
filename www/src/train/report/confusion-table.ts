import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { focusRing } from '../../shared/shared-styles.js';
import { seeingStyles } from './report-styles.js';
import { seeingTexts } from './report-texts.js';

/** A true class and the answer to it. */
export interface ConfusionCell {
  truth: number;
  answer: number;
}

/**
 * `<confusion-table>`: how many files of each class were given which answer.
 *
 * @fires choose-cell - `detail` is a `ConfusionCell`, which has files.
 */
@customElement('confusion-table')
export class ConfusionTable extends LitElement {
  static override styles = [
    focusRing,
    seeingStyles,
    css`
      table { border-spacing: 2px; border-collapse: separate; }
      th, td { padding: 0; border: 0; text-align: center; }
      thead th { vertical-align: bottom; font-weight: 400; padding: 4px; }
      thead th span { writing-mode: vertical-rl; rotate: 180deg; max-block-size: 40px; max-inline-size: 128px; overflow-wrap: anywhere; text-align: start; }
      /* The classes stay in sight when the table is scrolled, and what has the focus does not go under them. */
      tbody th { position: sticky; inset-inline-start: 0; background: var(--paper); text-align: start; line-height: 1.25; }
      tbody th span { display: block; inline-size: max-content; max-inline-size: 112px; overflow-wrap: anywhere; padding-inline-end: 12px; }
      .scroll { scroll-padding-inline-start: 128px; }
      p { margin-block-end: 8px; }
      td { block-size: 36px; min-inline-size: 36px; background: var(--well); color: var(--quiet); border-radius: 4px; }
      td.total { background: none; padding-inline: 8px; }
      td.right { font-weight: 600; }
      button { display: block; inline-size: 100%; min-inline-size: 36px; block-size: 36px; padding: 0 4px; border: 0; border-radius: 4px; color: var(--ink); }
      button:hover { box-shadow: inset 0 0 0 1px var(--ink); }
      button[aria-pressed='true'] { color: var(--ink); background: none; box-shadow: inset 0 0 0 2px var(--ink); }
    `,
  ];

  @property({ attribute: false }) labels: string[] = [];
  /** Files by true class (outer) and answer (inner). */
  @property({ attribute: false }) confusion: number[][] = [];
  /** The cell whose files are shown. */
  @property({ attribute: false }) chosen: ConfusionCell | undefined;

  protected override render() {
    const { confusion } = seeingTexts;
    // A caption of the table would be no wider than the table, which two classes make narrow.
    return html`<p class="quiet">${confusion.caption}</p>
      <div class="scroll" tabindex="0" role="group" aria-label=${confusion.name}>
        <table>
          <caption class="visually-hidden">${confusion.name}</caption>
          <thead>
            <tr>
              <td class="total"></td>
              ${this.labels.map((label) => html`<th scope="col"><span>${label}</span></th>`)}
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
      <th scope="row"><span>${this.labels[truth]}</span></th>
      ${counts.map((count, answer) => this.#cell({ truth, answer }, count, count / (total || 1)))}
      <td class="total">${total}</td>
    </tr>`;
  }

  #cell(cell: ConfusionCell, count: number, share: number) {
    const { truth, answer } = cell;
    const right = truth === answer ? 'right' : '';
    if (count === 0) return html`<td class=${right}>0</td>`;
    const pressed = this.chosen?.truth === truth && this.chosen.answer === answer;
    const name = seeingTexts.confusion.cell(this.labels[truth] ?? '', this.labels[answer] ?? '', count, share);
    // No deeper than half, so that the ink stays readable on it.
    return html`<td class=${right} .style=${`background:color-mix(in srgb, var(--accent) ${share * 50}%, var(--well))`}>
      <button type="button" aria-label=${name} title=${name} aria-pressed=${pressed ? 'true' : 'false'} @click=${() => this.#choose(cell)}>${count}</button>
    </td>`;
  }

  #choose(detail: ConfusionCell) {
    this.dispatchEvent(new CustomEvent('choose-cell', { detail }));
  }
}

import { LitElement, type PropertyValues, type TemplateResult, css, html, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { autoDirection, controls, focusRing, tables, visuallyHidden } from './shared-styles.js';
import { texts } from '../text/texts.js';

/** Rows per page; a track of an hour has about 2000 rows. */
const PAGE_ROWS = 200;

/** Content of a cell. */
export type Cell = string | number | TemplateResult;

/** Cells of a row; the first is the row's header. */
export type Row = readonly Cell[];

/** The numbers behind a graphic. */
export interface Table {
  /** Column headings. */
  headings: readonly string[];
  /** `[nRows][nColumns]`. A function is called when its row is rendered. */
  rows: readonly (Row | (() => Row))[];
  /** An explanation of the numbers. */
  note?: string;
}

/** The table before there is a prediction. */
export const EMPTY_TABLE: Table = { headings: [], rows: [] };

/** Lays out closed tables side by side, below their graphics. */
export const tablesStyles = css`
  .tables { display: flex; flex-wrap: wrap; gap: 0 var(--_space-6); }
  .tables > [open] { flex: 1 0 100%; min-inline-size: 0; }
  /* Reserves space for the tables, so that nothing moves when they appear. */
  .tables > .waiting { visibility: hidden; }
`;

/**
 * `<tone-arm-table>`: the numbers behind a graphic, for people who cannot see it or need exact values. It uses the
 * colours of `tokens`, which must be on this element or an ancestor.
 */
export class ToneArmTable extends LitElement {
  /** @internal */
  static override styles = [
    autoDirection,
    focusRing,
    controls,
    tables,
    visuallyHidden,
    css`
      :host { display: block; font-size: var(--_text-small); }
      summary { cursor: pointer; color: var(--_quiet); inline-size: fit-content; line-height: 32px; border-radius: var(--_radius-small); }
      summary:hover { color: var(--_ink); }
      details[open] { padding-block-end: var(--_space-2); }
      p { margin: 0 0 var(--_space-2); color: var(--_quiet); }
      .scroll { max-block-size: 320px; padding: 0 var(--_space-3); background: var(--_well); border-radius: var(--_radius); scroll-padding-block-start: 36px; }
      table { inline-size: 100%; color: var(--_ink); }
      th, td { text-align: inherit; vertical-align: top; }
      tbody tr:last-child > * { border-block-end: 0; }
      thead th { position: sticky; inset-block-start: 0; background: var(--_well); font-weight: 600; vertical-align: bottom; }
      td { max-inline-size: 32em; overflow-wrap: break-word; }
      tbody th { font-weight: inherit; max-inline-size: 16em; overflow-wrap: break-word; }
      :host([numbers]) :is(th, td):not(:first-child) { text-align: end; white-space: nowrap; }
      .more { margin-block-start: var(--_space-2); }
    `,
  ];

  /** Title of the table. It is not called `title`, which browsers show as a tooltip. */
  @property() name = '';
  /** Creates the table; called only while it is open. */
  @property({ attribute: false }) table: () => Table = () => EMPTY_TABLE;
  /** Whether the cells after the first are numbers, which are right-aligned. */
  @property({ type: Boolean, reflect: true }) numbers = false;
  /** Whether the table is open. */
  @property({ type: Boolean, reflect: true }) open = false;
  @state() private shownRows = PAGE_ROWS;
  @query('.scroll') private scrollBox!: HTMLElement;
  #created: Table | undefined;

  protected override willUpdate(changed: PropertyValues<this>) {
    if (changed.has('open')) this.shownRows = PAGE_ROWS;
    if (changed.has('open') || changed.has('table')) this.#created = this.open ? this.table() : undefined;
  }

  protected override render() {
    return html`<details .open=${this.open} @toggle=${this.#onToggle}>
      <summary>${texts.asTable(this.name)}</summary>
      ${this.#created ? this.#table(this.#created) : nothing}
    </details>`;
  }

  #table({ headings, rows, note }: Table) {
    return html`
      ${note ? html`<p>${note}</p>` : nothing}
      <div class="scroll" tabindex="0" role="group" aria-label=${this.name}>
        <table>
          <caption class="visually-hidden">${this.name}</caption>
          <thead>
            <tr>${headings.map((heading) => html`<th scope="col">${heading}</th>`)}</tr>
          </thead>
          <tbody>
            ${rows.slice(0, this.shownRows).map((row) => {
              const [first, ...rest] = typeof row === 'function' ? row() : row;
              return html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`;
            })}
          </tbody>
        </table>
      </div>
      ${this.#moreButton(rows.length)}
    `;
  }

  #moreButton(nRows: number) {
    if (this.shownRows >= nRows) return nothing;
    const last = Math.min(this.shownRows + PAGE_ROWS, nRows);
    return html`<button type="button" class="more" part="button" @click=${this.#onMore}>${texts.moreRows(this.shownRows + 1, last, nRows)}</button>`;
  }

  #onToggle = (event: Event) => {
    this.open = (event.target as HTMLDetailsElement).open;
  };

  #onMore = async () => {
    this.shownRows += PAGE_ROWS;
    await this.updateComplete;
    // When all rows are shown, the button disappears, so the focus has to move.
    if (this.shownRows >= (this.#created?.rows.length ?? 0)) this.scrollBox.focus();
  };
}

if (!customElements.get('tone-arm-table')) customElements.define('tone-arm-table', ToneArmTable);

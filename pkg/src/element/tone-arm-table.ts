import { LitElement, type PropertyValues, type TemplateResult, css, html, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { ownDirection } from './palette.js';
import { texts } from '../text/texts.js';

/** Rows that are drawn at once: an hour has about two thousand moments. */
const PAGE = 200;

/** What stands in a cell. */
export type Cell = string | number | TemplateResult;

/** The cells of a row; the first names it. */
export type Row = readonly Cell[];

/** The numbers of a picture. */
export interface Table {
  /** Of the columns. */
  headings: readonly string[];
  /** `[n_rows][n_columns]`; a row may be made when it is drawn. */
  rows: readonly (Row | (() => Row))[];
  /** What there is to know of the numbers. */
  note?: string;
}

/** What there is before the answer. */
export const NO_TABLE: Table = { headings: [], rows: [] };

/** Tables side by side while they are closed, below the picture that they belong to. */
export const tablesStyles = css`
  .tables { display: flex; flex-wrap: wrap; gap: 0 24px; }
  .tables > [open] { flex: 1 0 100%; min-inline-size: 0; }
  /* Room for them before there are numbers, so that nothing moves then. */
  .tables > .waiting { visibility: hidden; }
`;

/**
 * `<tone-arm-table>`: the numbers of a picture, for whoever does not see it or wants them exactly. Its colours are
 * those of `paletteStyles`, on it or around it.
 */
export class ToneArmTable extends LitElement {
  /** @internal */
  static override styles = [
    ownDirection,
    css`
      :host { display: block; font-size: 14px; }
      summary { cursor: pointer; color: var(--_quiet); inline-size: fit-content; line-height: 32px; border-radius: 4px; }
      summary:hover { color: var(--_ink); }
      :is(summary, .scroll, button):focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
      details[open] { padding-block-end: 8px; }
      p { margin: 0 0 8px; color: var(--_quiet); }
      .scroll { overflow: auto; max-block-size: 320px; padding: 0 12px; background: var(--_well); border-radius: var(--_radius); scroll-padding-block-start: 36px; }
      table { border-collapse: collapse; inline-size: 100%; font-variant-numeric: tabular-nums; color: var(--_ink); }
      caption { position: absolute; inline-size: 1px; block-size: 1px; padding: 0; overflow: hidden; clip-path: inset(50%); }
      th, td { padding: 4px 16px 4px 0; text-align: inherit; vertical-align: top; border-block-end: 1px solid var(--_line); }
      :is(th, td):last-child { padding-inline-end: 0; }
      :host(:dir(rtl)) :is(th, td) { padding: 4px 0 4px 16px; }
      tbody tr:last-child > * { border-block-end: 0; }
      thead th { position: sticky; inset-block-start: 0; background: var(--_well); font-weight: 600; vertical-align: bottom; }
      tbody th { font-weight: inherit; max-inline-size: 16em; overflow-wrap: break-word; }
      :host([numbers]) :is(th, td):not(:first-child) { text-align: end; white-space: nowrap; }
      .more { margin-block-start: 8px; }
      button {
        font: inherit; min-block-size: 36px; padding: 0 12px; cursor: pointer;
        color: var(--_ink); background: transparent; border: 1px solid var(--_line); border-radius: var(--_radius);
      }
      button:hover { border-color: var(--_quiet); }
    `,
  ];

  /** What the numbers are of; not `title`, which browsers show. */
  @property() name = '';
  /** Makes the table; asked only while it is open. */
  @property({ attribute: false }) table: () => Table = () => NO_TABLE;
  /** Whether the cells after the first are numbers, which end below each other. */
  @property({ type: Boolean, reflect: true }) numbers = false;
  /** Whether it is open. */
  @property({ type: Boolean, reflect: true }) open = false;
  /** Rows that are drawn. */
  @state() private shown = PAGE;
  @query('.scroll') private box!: HTMLElement;
  #made: Table | undefined;

  protected override willUpdate(changed: PropertyValues<this>) {
    if (changed.has('open')) this.shown = PAGE;
    if (changed.has('open') || changed.has('table')) this.#made = this.open ? this.table() : undefined;
  }

  protected override render() {
    return html`<details .open=${this.open} @toggle=${this.#onToggle}>
      <summary>${texts.asTable(this.name)}</summary>
      ${this.#made ? this.#table(this.#made) : nothing}
    </details>`;
  }

  #table({ headings, rows, note }: Table) {
    return html`
      ${note ? html`<p>${note}</p>` : nothing}
      <div class="scroll" tabindex="0" role="group" aria-label=${this.name}>
        <table>
          <caption>${this.name}</caption>
          <thead>
            <tr>${headings.map((heading) => html`<th scope="col">${heading}</th>`)}</tr>
          </thead>
          <tbody>
            ${rows.slice(0, this.shown).map((row) => {
              const [first, ...rest] = typeof row === 'function' ? row() : row;
              return html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`;
            })}
          </tbody>
        </table>
      </div>
      ${this.#more(rows.length)}
    `;
  }

  #more(all: number) {
    if (this.shown >= all) return nothing;
    const next = Math.min(this.shown + PAGE, all);
    return html`<button type="button" class="more" part="button" @click=${this.#onMore}>${texts.moreRows(this.shown + 1, next, all)}</button>`;
  }

  #onToggle = (event: Event) => {
    this.open = (event.target as HTMLDetailsElement).open;
  };

  #onMore = async () => {
    this.shown += PAGE;
    await this.updateComplete;
    // With the last row the button is gone, and the focus would be with it.
    if (this.shown >= (this.#made?.rows.length ?? 0)) this.box.focus();
  };
}

if (!customElements.get('tone-arm-table')) customElements.define('tone-arm-table', ToneArmTable);

import { LitElement, type TemplateResult, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { focusRing } from '../shared-styles.js';
import { seeingStyles } from './seeing-styles.js';
import { seeingTexts } from './seeing-texts.js';

/** What stands in a cell. */
export type Cell = string | number | TemplateResult;

/** `<table-behind>`: the numbers of a picture, for whoever does not see it or wants them exactly. */
@customElement('table-behind')
export class TableBehind extends LitElement {
  static override styles = [
    focusRing,
    seeingStyles,
    css`
      summary { cursor: pointer; color: var(--quiet); inline-size: fit-content; line-height: 32px; border-radius: 4px; }
      summary:hover { color: var(--ink); }
      .scroll { overflow: auto; max-block-size: 320px; border-block-start: 1px solid var(--line); outline-offset: -2px; scroll-padding-block-start: 36px; }
      table { inline-size: 100%; }
      thead th { position: sticky; inset-block-start: 0; background: var(--paper); }
      tbody th { font-weight: inherit; }
      :host(:not([numbers])) :is(tbody th, td) { min-inline-size: 96px; overflow-wrap: anywhere; }
      caption { position: absolute; inline-size: 1px; block-size: 1px; padding: 0; overflow: hidden; clip-path: inset(50%); }
    `,
  ];

  /** What the picture is called; not `title`, which browsers show. */
  @property() name = '';
  @property({ attribute: false }) headings: readonly string[] = [];
  /** Makes the rows; asked only while the table is open. Their first cell names them. */
  @property({ attribute: false }) rows: () => Cell[][] = () => [];
  /** Whether the cells after the first are numbers. */
  @property({ type: Boolean, reflect: true }) numbers = false;
  @state() private open = false;

  protected override render() {
    return html`<details @toggle=${this.#onToggle}>
      <summary>${seeingTexts.asTable}<span class="spoken">: ${this.name}</span></summary>
      ${this.open ? this.#table() : nothing}
    </details>`;
  }

  #table() {
    const number = this.numbers ? 'number' : '';
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${this.name}>
      <table>
        <caption>${this.name}</caption>
        <thead>
          <tr>${this.headings.map((heading, i) => html`<th scope="col" class=${i > 0 ? number : ''}>${heading}</th>`)}</tr>
        </thead>
        <tbody>
          ${this.rows().map(
            ([first, ...rest]) => html`<tr>
              <th scope="row">${first}</th>
              ${rest.map((cell) => html`<td class=${number}>${cell}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  #onToggle = (event: Event) => {
    this.open = (event.target as HTMLDetailsElement).open;
  };
}

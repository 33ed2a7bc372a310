import { LitElement, type TemplateResult, css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type SharedEngine, shareEngine } from 'tonearm';
import { backendInAddress } from './address.js';
import { texts } from './texts.js';

/**
 * `<model-card>`: what the weights file says of itself, read from the file that the page uses, so
 * that the figures cannot drift from it.
 */
@customElement('model-card')
export class ModelCard extends LitElement {
  static override styles = css`
    :host { display: block; min-block-size: 400px; }
    dl { display: grid; grid-template-columns: minmax(0, 12rem) minmax(0, 1fr); gap: 0 16px; margin: 0; font-size: 14px; }
    dt, dd { margin: 0; padding: 4px 0; border-block-start: 1px solid var(--line); overflow-wrap: anywhere; }
    dt { color: var(--quiet); }
    dd { font-variant-numeric: tabular-nums; }
    dd dl { grid-template-columns: minmax(0, 8rem) minmax(0, 1fr); }
    dd > dl > :nth-child(-n + 2) { border: 0; }
    .error { color: var(--accent); }
    @media (max-width: 600px) { dl, dd dl { grid-template-columns: minmax(0, 1fr); } dd { border: 0; padding-block-start: 0; } }
  `;

  @state() private card: unknown;
  @state() private error = '';
  /** The engine of the tracks, where there are any: the weights are loaded once. */
  #shared: SharedEngine | undefined;

  override async connectedCallback() {
    super.connectedCallback();
    this.#shared = shareEngine({ backend: backendInAddress() });
    try {
      this.card = await this.#shared.engine.card();
    } catch (thrown) {
      this.error = thrown instanceof Error ? thrown.message : String(thrown);
    }
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#shared?.release();
  }

  protected override render() {
    if (this.error) return html`<p class="error">${this.error}</p>`;
    return this.card === undefined ? html`<p>${texts.about.card.loading}</p>` : entries(this.card as object);
  }
}

/** Any object as a list of names and values, as deep as it goes. */
function entries(value: object): TemplateResult {
  return html`<dl>${Object.entries(value).map(([key, each]) => {
    if (each === null || each === undefined || each === '') return nothing;
    return html`<dt>${key.replaceAll('_', ' ')}</dt><dd>${content(each)}</dd>`;
  })}</dl>`;
}

function content(value: unknown): TemplateResult | string {
  if (Array.isArray(value)) {
    return value.some((each) => typeof each === 'object') ? html`${value.map(content)}` : value.map(content).join(', ');
  }
  if (typeof value === 'object' && value !== null) return entries(value);
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(4)));
  return String(value);
}

import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { NetworkName } from 'tonearm';
import { focusRing } from '../shared/shared-styles.js';
import { texts } from '../page/texts.js';

/** Stands for the address of a person's own weights, which they have to put somewhere. */
const PLACEHOLDER = 'https://example.org/my-classes.bpk';

/** `<embed-code>`: what to write into another page to have the element there, as a tag or in a frame. */
@customElement('embed-code')
export class EmbedCode extends LitElement {
  static override styles = [
    focusRing,
    css`
      :host { display: block; margin-block-start: 8px; }
      summary { cursor: pointer; padding-block: 8px; color: var(--quiet); }
      summary:hover { color: var(--ink); }
      p { margin: 0 0 12px; max-inline-size: 68ch; }
      h2 { margin: 16px 0 8px; font-size: 14px; font-weight: 400; color: var(--quiet); }
      pre { margin: 0 0 8px; padding: 12px; border-radius: 8px; background: var(--well); font-size: 13px; white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
      button { font: inherit; font-size: 14px; color: var(--ink); background: none; border: 1px solid var(--line); border-radius: 8px; min-block-size: 40px; padding: 0 16px; cursor: pointer; }
      button:hover { border-color: var(--quiet); }
    `,
  ];

  /** The network that answers there. */
  @property() network: NetworkName = 'fusion';
  /** Whether a classifier of the person's own is to answer. */
  @property({ type: Boolean }) own = false;
  /** What came of the last copy. */
  @state() private said = '';

  protected override render() {
    return html`<details>
      <summary>${texts.embed.title}</summary>
      <p>${texts.embed.what}</p>
      ${this.own ? html`<p>${texts.embed.ownWeights(PLACEHOLDER)}</p>` : nothing}
      ${this.#block(texts.embed.tag, this.#tag())} ${this.#block(texts.embed.frame, this.#frame())}
      <p role="status">${this.said}</p>
    </details>`;
  }

  #block(kind: string, code: string) {
    return html`<h2>${kind}</h2>
      <pre>${code}</pre>
      <button type="button" @click=${() => this.#copy(kind, code)}>${texts.embed.copy(kind)}</button>`;
  }

  /** Attributes that differ from their defaults. */
  get #attributes(): Record<string, string> {
    if (this.own) return { weights: PLACEHOLDER };
    return this.network === 'fusion' ? {} : { network: this.network };
  }

  #tag(): string {
    const attributes = Object.entries(this.#attributes).map(([name, value]) => ` ${name}="${value}"`);
    return `<script type="module" src="${here('tone-arm.js')}"></script>\n<tone-arm${attributes.join('')}></tone-arm>`;
  }

  #frame(): string {
    const address = here('embed.html');
    address.search = new URLSearchParams(this.#attributes).toString();
    return `<iframe src="${address.href}" title="${texts.name}" width="100%" height="720" style="border: 0"></iframe>`;
  }

  async #copy(kind: string, code: string) {
    const { copied, notCopied } = texts.embed;
    try {
      // Absent over plain http.
      await navigator.clipboard.writeText(code);
      this.said = copied(kind);
    } catch {
      this.said = notCopied;
    }
  }
}

/** The address of a file of this site. */
function here(file: string): URL {
  const address = new URL(file, document.baseURI);
  address.search = address.hash = '';
  return address;
}

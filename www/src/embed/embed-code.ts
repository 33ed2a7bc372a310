import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { NetworkName } from 'tonearm';
import type { EmbedKind } from '../texts/embed.js';
import { texts } from '../texts/texts.js';
import { controls, disclosure, focusRing } from '../shared/shared-styles.js';

/** Address in the code that visitors replace by the address of their own weights file. */
const WEIGHTS_PLACEHOLDER = 'https://example.org/my-classes.bpk';

/** `<embed-code>`: the code that embeds the element in another page, as a tag or in an iframe. */
@customElement('embed-code')
export class EmbedCode extends LitElement {
  static override styles = [
    focusRing,
    controls,
    disclosure,
    css`
      :host { display: block; margin-block-start: 8px; }
      h2 { margin: 16px 0 8px; font-size: 14px; font-weight: 400; color: var(--quiet); }
      pre { margin: 0 0 8px; padding: 12px; border-radius: 8px; background: var(--well); font-size: 13px; white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
    `,
  ];

  /** The network of the embedded element. */
  @property() network: NetworkName = 'fusion';
  /** Whether the embedded element uses the visitor's own weights instead of a shipped network. */
  @property({ type: Boolean }) ownWeights = false;
  /** Result of the last attempt to copy. */
  @state() private copyStatus = '';

  protected override render() {
    return html`<details>
      <summary>${texts.embed.title}</summary>
      <p>${texts.embed.hint}</p>
      ${this.ownWeights ? html`<p>${texts.embed.ownWeights(WEIGHTS_PLACEHOLDER)}</p>` : nothing}
      ${this.#block('tag', this.#tag())} ${this.#block('frame', this.#frame())}
      <p role="status">${this.copyStatus}</p>
    </details>`;
  }

  #block(kind: EmbedKind, code: string) {
    return html`<h2>${texts.embed.kinds[kind]}</h2>
      <pre>${code}</pre>
      <button type="button" @click=${() => this.#copy(kind, code)}>${texts.embed.copy[kind]}</button>`;
  }

  /** Attributes that differ from their defaults. */
  get #attributes(): Record<string, string> {
    if (this.ownWeights) return { weights: WEIGHTS_PLACEHOLDER };
    return this.network === 'fusion' ? {} : { network: this.network };
  }

  #tag(): string {
    const attributes = Object.entries(this.#attributes).map(([name, value]) => ` ${name}="${value}"`);
    return `<script type="module" src="${siteUrl('tone-arm.js')}"></script>\n<tone-arm${attributes.join('')}></tone-arm>`;
  }

  #frame(): string {
    const address = siteUrl('embed.html');
    address.search = new URLSearchParams(this.#attributes).toString();
    return `<iframe src="${address.href}" title="${texts.page.name}" width="100%" height="720" style="border: 0"></iframe>`;
  }

  async #copy(kind: EmbedKind, code: string) {
    try {
      // `navigator.clipboard` is undefined over plain http.
      await navigator.clipboard.writeText(code);
      this.copyStatus = texts.embed.copied[kind];
    } catch {
      this.copyStatus = texts.embed.copyFailed;
    }
  }
}

/** Address of a file of this site. */
function siteUrl(file: string): URL {
  const address = new URL(file, document.baseURI);
  address.search = address.hash = '';
  return address;
}

import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { NetworkName } from 'tonearm';
import type { EmbedKind, EmbedPart } from '../texts/embed.js';
import { texts } from '../texts/texts.js';
import { controls, disclosure, focusRing } from '../shared/shared-styles.js';

/** Address in the code that visitors replace by the address of their own weights file. */
const WEIGHTS_PLACEHOLDER = 'https://example.org/my-classes.bpk';

/** Number of genres that the element shows by default. */
const DEFAULT_TOP_K = 3;

/** Attributes with a few values, the default first. */
const CHOICES = { theme: ['', 'light', 'dark'], backend: ['auto', 'webgpu', 'cpu'], preload: ['metadata', 'none', 'auto'] } as const;

type Choice = keyof typeof CHOICES;

/** Attributes that are on unless they are `false`. */
const PARTS: EmbedPart[] = ['player', 'timeline', 'spectrogram'];

/** `<embed-code>`: the code that embeds the element in another page, as a tag or in an iframe, with the chosen options. */
@customElement('embed-code')
export class EmbedCode extends LitElement {
  static override styles = [
    focusRing,
    controls,
    disclosure,
    css`
      :host { display: block; margin-block-start: var(--_space-2); }
      h2 { margin: var(--_space-4) 0 var(--_space-2); font-size: var(--_text-small); font-weight: 400; color: var(--_quiet); }
      fieldset { border: 0; margin: 0; padding: 0; min-inline-size: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(200px, 100%), 1fr)); gap: var(--_space-3) var(--_space-4); align-items: end; }
      label { display: grid; grid-template-columns: minmax(0, 1fr); min-inline-size: 0; gap: var(--_space-1); font-size: var(--_text-small); color: var(--_quiet); }
      label:has([type='checkbox']) { display: flex; gap: var(--_space-2); align-items: center; min-block-size: var(--_control); }
      .address { grid-column: 1 / -1; }
      pre { margin: 0 0 var(--_space-2); padding: var(--_space-3); border-radius: var(--_radius); background: var(--_well); font-size: var(--_text-small); white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
    `,
  ];

  /** The network of the embedded element. */
  @property() network: NetworkName = 'fusion';
  /** Whether the embedded element uses the visitor's own weights instead of a shipped network. */
  @property({ type: Boolean }) ownWeights = false;
  /** The chosen options, as attributes that differ from their defaults. */
  @state() private options: Readonly<Record<string, string>> = {};
  /** Result of the last attempt to copy. */
  @state() private copyStatus = '';

  protected override render() {
    return html`<details>
      <summary>${texts.embed.title}</summary>
      <p>${texts.embed.hint}</p>
      ${this.ownWeights ? html`<p>${texts.embed.ownWeights(WEIGHTS_PLACEHOLDER)}</p>` : nothing}
      ${this.#options()} ${this.#block('tag', this.#tag())} ${this.#block('frame', this.#frame())}
      <p role="status">${this.copyStatus}</p>
    </details>`;
  }

  #options() {
    const { embed } = texts;
    return html`<h2 id="options">${embed.options}</h2>
      <fieldset aria-labelledby="options">
        <label class="address">${embed.src}
          <input type="url" placeholder=${embed.srcHint} @input=${(event: Event) => this.#set('src', inputOf(event).value.trim())} /></label>
        <label><input type="checkbox" ?disabled=${!this.options.src} @change=${(event: Event) => this.#set('autorun', inputOf(event).checked ? 'true' : '')} />${embed.autorun}</label>
        ${PARTS.map(
          (name) =>
            html`<label><input type="checkbox" checked @change=${(event: Event) => this.#set(name, inputOf(event).checked ? '' : 'false')} />${embed.parts[name]}</label>`,
        )}
        <label>${embed.topK}
          <input type="number" min="1" value=${DEFAULT_TOP_K} @input=${(event: Event) => this.#set('top-k', topK(inputOf(event)))} /></label>
        ${(Object.keys(CHOICES) as Choice[]).map((name) => this.#choice(name))}
      </fieldset>`;
  }

  #choice(name: Choice) {
    const { name: title, values } = texts.embed.choices[name];
    const [first] = CHOICES[name];
    const onChange = (event: Event) => this.#set(name, inputOf(event).value === first ? '' : inputOf(event).value);
    return html`<label>${title}
      <select @change=${onChange}>${CHOICES[name].map((value) => html`<option value=${value}>${(values as Record<string, string>)[value]}</option>`)}</select></label>`;
  }

  /** Sets an option; an empty value is the default. */
  #set(name: string, value: string) {
    const { [name]: _, ...others } = this.options;
    this.options = value ? { ...others, [name]: value } : others;
  }

  #block(kind: EmbedKind, code: string) {
    return html`<h2>${texts.embed.kinds[kind]}</h2>
      <pre>${code}</pre>
      <button type="button" @click=${() => this.#copy(kind, code)}>${texts.embed.copy[kind]}</button>`;
  }

  /** Attributes that differ from their defaults. */
  get #attributes(): Record<string, string> {
    const { autorun, ...options } = this.options;
    return {
      ...(this.ownWeights ? { weights: WEIGHTS_PLACEHOLDER } : this.network !== 'fusion' && { network: this.network }),
      ...options,
      ...(autorun && options.src && { autorun: '' }),
    };
  }

  #tag(): string {
    const attributes = Object.entries(this.#attributes).map(([name, value]) => (value ? ` ${name}="${escaped(value)}"` : ` ${name}`));
    return `<script type="module" src="${siteUrl('tone-arm.js')}"></script>\n<tone-arm${attributes.join('')}></tone-arm>`;
  }

  #frame(): string {
    const address = siteUrl('embed.html');
    address.search = new URLSearchParams(this.#attributes).toString();
    return `<iframe src="${escaped(address.href)}" title="${texts.page.name}" width="100%" height="720" style="border: 0"></iframe>`;
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

/** A text as the value of an HTML attribute. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}

function inputOf(event: Event): HTMLInputElement {
  return event.target as HTMLInputElement;
}

/** Value of `top-k`; empty if it is the default or not a valid number. */
function topK({ validity, valueAsNumber }: HTMLInputElement): string {
  return validity.valid && valueAsNumber !== DEFAULT_TOP_K && !Number.isNaN(valueAsNumber) ? String(valueAsNumber) : '';
}

/** Address of a file of this site. */
function siteUrl(file: string): URL {
  const address = new URL(file, document.baseURI);
  address.search = address.hash = '';
  return address;
}

import { LitElement, css, html, nothing, svg } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { importWithDeadline } from 'tonearm/page';
import '../listen/listen-view.js';
import type { ListenView } from '../listen/listen-view.js';
import { controls, focusRing, narrow } from '../shared/shared-styles.js';
import { texts } from '../texts/texts.js';
import { type Theme, startTheme, switchTheme, theme } from './theme.js';

type View = keyof typeof texts.page.views;

/** Views whose code is loaded when they are first opened. */
const LAZY_VIEWS: Partial<Record<View, () => Promise<unknown>>> = {
  train: () => import('../train/train-view.js'),
  about: () => import('../about/about-view.js'),
};

/** `<tonearm-page>`: the header and the views. The hash of the address selects the view. */
@customElement('tonearm-page')
export class TonearmPage extends LitElement {
  static override styles = [
    focusRing,
    controls,
    css`
      :host { display: block; max-inline-size: 1120px; margin: 0 auto; padding: 0 var(--_space-6) var(--_space-12); box-sizing: border-box; }
      header { display: flex; align-items: center; gap: var(--_space-6); min-block-size: 72px; }
      .brand { display: flex; align-items: center; gap: var(--_space-3); font-weight: 700; font-size: var(--_text-lead); color: inherit; text-decoration: none; letter-spacing: -0.01em; }
      .brand svg { inline-size: 32px; block-size: 32px; }
      nav { display: flex; gap: var(--_space-1); flex: 1; }
      nav a { padding: var(--_space-2) var(--_space-3); border-radius: var(--_radius); color: var(--_quiet); text-decoration: none; }
      nav a:hover { color: var(--_ink); }
      nav a[aria-current] { color: var(--_ink); font-weight: 600; box-shadow: inset 0 -2px var(--_accent); border-radius: var(--_radius) var(--_radius) 0 0; }
      button { color: var(--_quiet); }
      button:hover { color: var(--_ink); }
      @media ${narrow} {
        :host { padding: 0 var(--_space-4) var(--_space-8); }
        header { gap: var(--_space-1); min-block-size: 64px; }
        .brand span { display: none; }
        nav { gap: 0; }
        nav a { padding-inline: var(--_space-2); }
      }
    `,
  ];

  @state() private view: View = viewInAddress();
  @state() private theme: Theme = 'light';
  /** Whether Train was opened. From then on it stays in the page, so that a training run continues on other views. */
  @state() private trainOpened = false;
  /** The view whose code could not be loaded. */
  @state() private failed: View | undefined;
  @query('listen-view') private listen!: ListenView;
  /** Aborted when the page is removed from the document. */
  #connection = new AbortController();

  override connectedCallback() {
    super.connectedCallback();
    const update = () => (this.theme = theme());
    const { signal } = (this.#connection = new AbortController());
    startTheme(update, signal);
    update();
    addEventListener('hashchange', this.#onAddress, { signal });
    this.#onAddress();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#connection.abort();
  }

  #onAddress = () => {
    this.view = viewInAddress();
    this.trainOpened ||= this.view === 'train';
    void this.#load(this.view);
    document.title = texts.page.titles[this.view];
  };

  async #load(view: View) {
    const loaded = LAZY_VIEWS[view]?.() ?? Promise.resolve();
    try {
      await importWithDeadline(loaded);
      this.failed = undefined;
    } catch {
      this.failed = view;
      // The browser does not download a module twice, so a stalled download may still complete.
      const arrived = await loaded.then(() => true, () => false);
      if (arrived && this.failed === view) this.failed = undefined;
    }
  }

  protected override render() {
    const dark = this.theme === 'dark';
    return html`
      <header>
        <a class="brand" href="#listen" aria-label=${texts.page.name}>${logo()}<span>${texts.page.name}</span></a>
        <nav>${(Object.keys(texts.page.views) as View[]).map((view) => this.#link(view))}</nav>
        <button type="button" aria-label=${dark ? texts.page.useLight : texts.page.useDark} @click=${this.#switch}>
          ${dark ? texts.page.light : texts.page.dark}
        </button>
      </header>
      <main>
        <listen-view ?hidden=${this.view !== 'listen'} .acceptsDrops=${this.view !== 'train'} .theme=${this.theme}></listen-view>
        ${this.trainOpened
          ? html`<train-view ?hidden=${this.view !== 'train'} .shown=${this.view === 'train'} .theme=${this.theme} @use-weights=${this.#onUseWeights}></train-view>`
          : nothing}
        ${this.view === this.failed ? html`<p role="alert">${texts.page.viewFailed}</p>` : nothing}
        ${this.view === 'about' ? html`<about-view></about-view>` : nothing}
      </main>
    `;
  }

  #link(view: View) {
    return html`<a href=${`#${view}`} aria-current=${view === this.view ? 'page' : nothing}>${texts.page.views[view]}</a>`;
  }

  #onUseWeights = ({ detail: { name, weights } }: CustomEvent<{ name: string; weights: Uint8Array<ArrayBuffer> }>) => {
    this.listen.useWeights(name, new Blob([weights]));
    location.hash = 'listen';
    this.#onAddress();
    // The pressed button is hidden now, so the focus has to move.
    void this.updateComplete.then(() => this.listen.focus());
  };

  #switch = () => {
    switchTheme();
    this.theme = theme();
  };
}

function viewInAddress(): View {
  const name = location.hash.slice(1);
  return Object.hasOwn(texts.page.views, name) ? (name as View) : 'listen';
}

/** The logo: a record with a tonearm on it. */
function logo() {
  return svg`<svg viewBox="0 0 32 32" aria-hidden="true">
    <circle cx="14" cy="18" r="13" fill="currentColor" />
    <circle class="groove" cx="14" cy="18" r="9" fill="none" stroke="var(--_quiet)" />
    <circle cx="14" cy="18" r="4.5" fill="var(--_accent)" />
    <circle cx="14" cy="18" r="1.2" fill="var(--_paper)" />
    <path d="M28 3v12l-7 8" fill="none" stroke="var(--_quiet)" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round" />
  </svg>`;
}

import { LitElement, css, html, nothing, svg } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { importWithDeadline } from 'tonearm';
import '../listen/listen-view.js';
import type { ListenView } from '../listen/listen-view.js';
import { focusRing } from '../shared/shared-styles.js';
import { texts } from './texts.js';
import { type Theme, startTheme, switchTheme, theme } from './theme.js';

type View = keyof typeof texts.views;

/** Views that come when they are first looked at. */
const LATER: Partial<Record<View, () => Promise<unknown>>> = {
  train: () => import('../train/train-view.js'),
  about: () => import('../about/about-view.js'),
};

/** `<tonearm-page>`: the frame of the page. The address says which view is shown. */
@customElement('tonearm-page')
export class TonearmPage extends LitElement {
  static override styles = [
    focusRing,
    css`
      :host { display: block; max-inline-size: 1120px; margin: 0 auto; padding: 0 24px 48px; box-sizing: border-box; }
      header { display: flex; align-items: center; gap: 24px; min-block-size: 72px; }
      .brand { display: flex; align-items: center; gap: 12px; font-weight: 700; font-size: 18px; color: inherit; text-decoration: none; letter-spacing: -0.01em; }
      .brand svg { inline-size: 32px; block-size: 32px; }
      nav { display: flex; gap: 4px; flex: 1; }
      nav a { padding: 8px 12px; border-radius: 8px; color: var(--quiet); text-decoration: none; }
      nav a:hover { color: var(--ink); }
      nav a[aria-current] { color: var(--ink); font-weight: 600; box-shadow: inset 0 -2px var(--accent); border-radius: 8px 8px 0 0; }
      button { font: inherit; font-size: 14px; color: var(--quiet); background: none; border: 1px solid var(--line); border-radius: 8px; min-block-size: 36px; padding: 0 12px; cursor: pointer; }
      button:hover { color: var(--ink); border-color: var(--quiet); }
      @media (max-width: 600px) {
        :host { padding: 0 16px 32px; }
        header { gap: 8px; min-block-size: 64px; }
        .brand span { display: none; }
      }
      @media (max-width: 359px) { nav a { padding-inline: 6px; } }
    `,
  ];

  @state() private view: View = viewInAddress();
  @state() private theme: Theme = 'light';
  /** Whether Train was looked at; from then on it stays, since what it trains goes on. */
  @state() private trains = false;
  /** A view that could not be fetched. */
  @state() private missing: View | undefined;
  @query('listen-view') private listen!: ListenView;

  override connectedCallback() {
    super.connectedCallback();
    const update = () => (this.theme = theme());
    startTheme(update);
    update();
    addEventListener('hashchange', this.#onAddress);
    this.#onAddress();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener('hashchange', this.#onAddress);
  }

  #onAddress = () => {
    this.view = viewInAddress();
    this.trains ||= this.view === 'train';
    void this.#fetch(this.view);
    document.title = texts.titles[this.view];
  };

  async #fetch(view: View) {
    const loaded = LATER[view]?.() ?? Promise.resolve();
    try {
      await importWithDeadline(loaded);
      this.missing = undefined;
    } catch {
      this.missing = view;
      // A download that stalled may still arrive, and the browser starts no second one.
      const arrived = await loaded.then(() => true, () => false);
      if (arrived && this.missing === view) this.missing = undefined;
    }
  }

  protected override render() {
    const dark = this.theme === 'dark';
    return html`
      <header>
        <a class="brand" href="#listen" aria-label=${texts.name}>${mark()}<span>${texts.name}</span></a>
        <nav>${(Object.keys(texts.views) as View[]).map((view) => this.#link(view))}</nav>
        <button type="button" aria-label=${dark ? texts.toLight : texts.toDark} @click=${this.#switch}>
          ${dark ? texts.light : texts.dark}
        </button>
      </header>
      <main>
        <listen-view ?hidden=${this.view !== 'listen'} .takesDrops=${this.view !== 'train'} .theme=${this.theme}></listen-view>
        ${this.trains
          ? html`<train-view ?hidden=${this.view !== 'train'} .shown=${this.view === 'train'} .theme=${this.theme} @use-weights=${this.#onUse}></train-view>`
          : nothing}
        ${this.view === this.missing ? html`<p role="alert">${texts.viewMissing}</p>` : nothing}
        ${this.view === 'about' ? html`<about-view></about-view>` : nothing}
      </main>
    `;
  }

  #link(view: View) {
    return html`<a href=${`#${view}`} aria-current=${view === this.view ? 'page' : nothing}>${texts.views[view]}</a>`;
  }

  #onUse = ({ detail: { name, weights } }: CustomEvent<{ name: string; weights: Uint8Array<ArrayBuffer> }>) => {
    this.listen.use(name, new Blob([weights]));
    location.hash = 'listen';
    this.#onAddress();
    // The button that was pressed is out of sight now.
    void this.updateComplete.then(() => this.listen.focus());
  };

  #switch = () => {
    switchTheme();
    this.theme = theme();
  };
}

function viewInAddress(): View {
  const name = location.hash.slice(1);
  return Object.hasOwn(texts.views, name) ? (name as View) : 'listen';
}

/** A record with an arm on it. */
function mark() {
  return svg`<svg viewBox="0 0 32 32" aria-hidden="true">
    <circle cx="14" cy="18" r="13" fill="currentColor" />
    <circle class="groove" cx="14" cy="18" r="9" fill="none" stroke="var(--quiet)" />
    <circle cx="14" cy="18" r="4.5" fill="var(--accent)" />
    <circle cx="14" cy="18" r="1.2" fill="var(--paper)" />
    <path d="M28 3v12l-7 8" fill="none" stroke="var(--quiet)" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round" />
  </svg>`;
}

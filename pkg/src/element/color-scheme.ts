import { type CSSResult, type LitElement, type ReactiveController, css } from 'lit';

/** OKLab lightness from which text was chosen for a dark background. That of the mid-grey `#777`, used on white, is 0.57. */
const LIGHT_TEXT = 0.6;

/**
 * Decides between light and dark colours for the host, and updates the host when the decision changes.
 *
 * It follows the colour of the text around the host, not `color-scheme`: pages with a dark background often do not set
 * that, but they all set a light text colour. The host must not set a `color` itself, and must render an element with
 * the class `inherits-colour` that does not either.
 */
export class ColorScheme implements ReactiveController {
  static readonly styles: CSSResult = css`
    /* The property has no visible effect here. The mixture has the same notation for every colour. */
    :host { lighting-color: color-mix(in oklab, currentcolor, currentcolor); }
    /* No event reports a change of colour, but its transition does. It is inside, where rules of the page cannot turn it off. */
    .inherits-colour { transition: color 1ms; }
  `;
  readonly #host: LitElement;
  #current: 'light' | 'dark' = 'light';
  readonly #update = () => {
    if (this.#current !== this.current) this.#host.requestUpdate();
  };

  constructor(host: LitElement) {
    this.#host = host;
    host.addController(this);
  }

  /** The scheme to use. */
  get current(): 'light' | 'dark' {
    const [, lightness] = /^oklab\(([\d.]+)/.exec(getComputedStyle(this.#host).getPropertyValue('lighting-color')) ?? [];
    return Number(lightness) >= LIGHT_TEXT ? 'dark' : 'light';
  }

  hostUpdated() {
    this.#current = this.current;
  }

  hostConnected() {
    this.#host.renderRoot.addEventListener('transitionend', this.#update);
  }

  hostDisconnected() {
    this.#host.renderRoot.removeEventListener('transitionend', this.#update);
  }
}

import { type CSSResult, type LitElement, type ReactiveController, css } from 'lit';

/**
 * Detects whether the host is shown in a light or a dark colour scheme, whether set by the system, the page
 * or an attribute, and updates the host when it changes.
 *
 * No API reports the scheme that an element uses. This class therefore sets a CSS property that has no visible
 * effect to `light-dark()`, reads its computed value, and detects changes by its transition.
 */
export class ColorScheme implements ReactiveController {
  static readonly styles: CSSResult = css`
    :host { lighting-color: light-dark(#fff, #000); transition: lighting-color 1ms; }
  `;
  readonly #host: LitElement;
  readonly #update = (event: TransitionEvent) => {
    if (event.target === this.#host && event.propertyName === 'lighting-color') this.#host.requestUpdate();
  };

  constructor(host: LitElement) {
    this.#host = host;
    host.addController(this);
  }

  /** The scheme that is currently used. */
  get current(): 'light' | 'dark' {
    return getComputedStyle(this.#host).getPropertyValue('lighting-color') === 'rgb(0, 0, 0)' ? 'dark' : 'light';
  }

  hostConnected() {
    this.#host.addEventListener('transitionend', this.#update);
  }

  hostDisconnected() {
    this.#host.removeEventListener('transitionend', this.#update);
  }
}

import { type CSSResult, type LitElement, type ReactiveController, css } from 'lit';

/**
 * Tells whether its host is drawn light or dark, be it by the system, the page or an attribute, and
 * updates the host when that changes.
 *
 * CSS tells neither; a property that nothing is drawn with has the answer, and its transition the change.
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

  get used(): 'light' | 'dark' {
    return getComputedStyle(this.#host).getPropertyValue('lighting-color') === 'rgb(0, 0, 0)' ? 'dark' : 'light';
  }

  hostConnected() {
    this.#host.addEventListener('transitionend', this.#update);
  }

  hostDisconnected() {
    this.#host.removeEventListener('transitionend', this.#update);
  }
}

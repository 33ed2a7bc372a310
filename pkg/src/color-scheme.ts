import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Tells whether the person's system is dark, and updates the host when it changes. */
export class ColorScheme implements ReactiveController {
  readonly #query = matchMedia('(prefers-color-scheme: dark)');
  readonly #update: () => void;

  constructor(host: ReactiveControllerHost) {
    this.#update = () => host.requestUpdate();
    host.addController(this);
  }

  get system(): 'light' | 'dark' {
    return this.#query.matches ? 'dark' : 'light';
  }

  hostConnected() {
    this.#query.addEventListener('change', this.#update);
  }

  hostDisconnected() {
    this.#query.removeEventListener('change', this.#update);
  }
}

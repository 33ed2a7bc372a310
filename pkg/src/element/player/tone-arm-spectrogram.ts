import { LitElement, type PropertyValues, css, html } from 'lit';
import { property, query } from 'lit/decorators.js';
import { type Rgb, drawSpectrogram } from './spectrogram-image.js';
import { texts } from '../../text/texts.js';
import type { Spectrogram } from '../../types.js';

/** Number of colour stops, `--_level-0` to `--_level-3`. */
const N_LEVELS = 4;

/** Most columns of the canvas, enough for a wide screen. */
const MAX_WIDTH = 1200;

/** `<tone-arm-spectrogram>`: the mel spectrogram of the track. */
export class ToneArmSpectrogram extends LitElement {
  static override styles = css`
    :host { display: block; block-size: 128px; border-radius: var(--_radius-small); overflow: hidden; background: var(--_well); }
    canvas { display: block; inline-size: 100%; block-size: 100%; }
    .level { display: none; }
  `;

  @property({ attribute: false }) spectrogram?: Spectrogram | null;
  @property() theme: 'light' | 'dark' = 'light';
  @query('canvas') private canvas!: HTMLCanvasElement;
  #drawing = new AbortController();

  override connectedCallback() {
    super.connectedCallback();
    // Disconnecting may have stopped the drawing, so it is repeated.
    this.requestUpdate('spectrogram');
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#drawing.abort();
  }

  protected override render() {
    return html`<canvas role="img" aria-label=${texts.spectrogram[this.theme]}></canvas>
      ${Array.from({ length: N_LEVELS }, (_, level) => html`<i class="level" .style=${`color:var(--_level-${level})`}></i>`)}`;
  }

  protected override updated(changed: PropertyValues<this>) {
    if (!changed.has('spectrogram') && !changed.has('theme')) return;
    this.#drawing.abort();
    this.#drawing = new AbortController();
    const { canvas, spectrogram } = this;
    // Setting the size also clears the canvas.
    canvas.width = spectrogram ? Math.min(spectrogram.nColumns, MAX_WIDTH) : 1;
    canvas.height = spectrogram?.nMels ?? 1;
    if (spectrogram) void drawSpectrogram(canvas, spectrogram, this.#levels(), this.#drawing.signal);
  }

  /** The colour stops. A canvas cannot resolve custom properties, so they are read from elements that have the colours. */
  #levels(): Rgb[] {
    return [...this.renderRoot.querySelectorAll('.level')].map((level) => {
      const [red = 0, green = 0, blue = 0] = getComputedStyle(level).color.match(/[\d.]+(e-\d+)?/g) ?? [];
      return [Number(red) * 255, Number(green) * 255, Number(blue) * 255];
    });
  }
}

if (!customElements.get('tone-arm-spectrogram')) customElements.define('tone-arm-spectrogram', ToneArmSpectrogram);

import { LitElement, css, html, svg } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { texts } from '../texts/texts.js';
import { focusRing, narrow } from '../shared/shared-styles.js';

/**
 * `<drop-target>`: a button that opens the file picker. `<listen-view>` handles drops, since it accepts
 * them anywhere on the page.
 *
 * @fires choose-files - `detail` is an array of `File`.
 */
@customElement('drop-target')
export class DropTarget extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = [
    focusRing,
    css`
      :host { display: block; }
      button {
        font: inherit; color: inherit; cursor: pointer; inline-size: 100%; box-sizing: border-box; text-align: center;
        display: grid; justify-items: center; align-content: center; gap: var(--_space-1);
        min-block-size: 400px; padding: var(--_space-8); border-radius: var(--_radius-large); border: 2px dashed var(--_line); background: var(--_well);
        transition: border-color 150ms, background-color 150ms;
      }
      button:hover, button.drag-over { border-color: var(--_accent); }
      button:focus-visible { outline-offset: 4px; }
      svg { inline-size: 168px; block-size: 168px; margin-block-end: var(--_space-5); overflow: visible; }
      .arm { transform-origin: 148px 16px; transform: rotate(-18deg); transition: transform 400ms cubic-bezier(0.3, 0.7, 0.2, 1); }
      button:hover .arm, .drag-over .arm { transform: rotate(0deg); }
      strong { font-size: var(--_text-heading); font-weight: 600; letter-spacing: -0.01em; }
      .or { color: var(--_quiet); }
      .promise { max-inline-size: 44ch; margin-block-start: var(--_space-4); }
      .formats { font-size: var(--_text-small); color: var(--_quiet); }
      input { display: none; }
      @media ${narrow} { button { min-block-size: 320px; padding: var(--_space-6) var(--_space-4); } svg { inline-size: 128px; block-size: 128px; } }
      @media (prefers-reduced-motion: reduce) { button, .arm { transition: none; } }
    `,
  ];

  /** Whether files are being dragged over the page. */
  @property({ type: Boolean }) dragOver = false;
  @query('input') private input!: HTMLInputElement;

  /** Opens the browser's file picker. */
  choose() {
    this.input.click();
  }

  protected override render() {
    return html`
      <button type="button" class=${this.dragOver ? 'drag-over' : ''} @click=${this.choose}>
        ${turntable()}
        <strong>${this.dragOver ? texts.listen.dropNow : texts.listen.drop}</strong>
        <span class="or">${texts.listen.orChoose}</span>
        <span class="promise">${texts.listen.promise}</span>
        <span class="formats">${texts.listen.formats}</span>
      </button>
      <input type="file" multiple accept="audio/*,.mp3,.wav,.flac,.ogg,.opus,.m4a,.aac" @change=${this.#onChange} />
    `;
  }

  #onChange = () => {
    const detail = [...(this.input.files ?? [])];
    // Without this, choosing the same file again would fire no `change` event.
    this.input.value = '';
    if (detail.length > 0) this.dispatchEvent(new CustomEvent('choose-files', { detail }));
  };
}

/** A turntable. Styles move its arm onto the record on hover and while files are dragged over the page. */
function turntable() {
  return svg`<svg viewBox="0 0 168 168" aria-hidden="true">
    <circle cx="76" cy="92" r="72" fill="var(--_vinyl)" />
    ${[60, 50, 40].map((r) => svg`<circle cx="76" cy="92" r=${r} fill="none" stroke="var(--_groove)" />`)}
    <circle cx="76" cy="92" r="24" fill="var(--_accent)" />
    <circle cx="76" cy="92" r="4" fill="var(--_well)" />
    <g class="arm" fill="none" stroke="var(--_quiet)" stroke-width="5" stroke-linecap="round" stroke-linejoin="round">
      <path d="M148 16v72l-30 34" />
      <circle cx="148" cy="16" r="8" fill="var(--_quiet)" />
    </g>
  </svg>`;
}

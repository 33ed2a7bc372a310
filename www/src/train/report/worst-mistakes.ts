import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { FilePrediction, ProjectFile } from 'tonearm/project';
import { focusRing } from '../../shared/shared-styles.js';
import { type Mistake, worstMistakes } from './predictions.js';
import { playButton } from './play-button.js';
import { reportStyles } from './report-styles.js';
import { texts } from '../../texts/texts.js';

/**
 * `<worst-mistakes>`: the wrong predictions with the highest confidence.
 *
 * @fires play-file - `detail` is the index of a file to play or, if it is playing, to stop.
 */
@customElement('worst-mistakes')
export class WorstMistakes extends LitElement {
  static override styles = [
    focusRing,
    reportStyles,
    css`
      ol { list-style: none; padding: 0; max-inline-size: 640px; }
      li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 var(--_space-4); align-items: center; padding-block: var(--_space-2); border-block-end: 1px solid var(--_line); }
      .name { font-weight: 600; overflow-wrap: anywhere; }
      button { grid-area: 1 / 2 / span 2; min-inline-size: 72px; }
    `,
  ];

  @property({ attribute: false }) predictions: FilePrediction[] = [];
  @property({ attribute: false }) files: ProjectFile[] = [];
  @property({ attribute: false }) labels: string[] = [];
  /** Index of the file that is playing. */
  @property({ attribute: false }) playing: number | undefined;

  protected override render() {
    const mistakes = worstMistakes(this.predictions, this.files);
    if (mistakes.length === 0) return html`<p class="quiet">${texts.report.mistakes.none}</p>`;
    return html`<ol aria-label=${texts.report.mistakes.name}>${mistakes.map((mistake) => this.#row(mistake))}</ol>`;
  }

  #row({ file, truth, predicted, confidence }: Mistake) {
    const name = this.files[file]?.name ?? texts.report.unknownFile(file);
    const prediction = texts.report.mistakes.prediction(this.labels[truth] ?? '', this.labels[predicted] ?? '', confidence);
    return html`<li>
      <span class="name" dir="auto">${name}</span>
      <span class="quiet">${prediction}</span>
      ${playButton(name, file === this.playing, () => this.#playFile(file))}
    </li>`;
  }

  #playFile(detail: number) {
    this.dispatchEvent(new CustomEvent('play-file', { detail }));
  }
}

import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { FileAnswer, ProjectFile } from 'tonearm/project';
import { focusRing } from '../../shared/shared-styles.js';
import { type Mistake, worstMistakes } from './predictions.js';
import { playButton } from '../classes/play-button.js';
import { seeingStyles } from './report-styles.js';
import { seeingTexts } from './report-texts.js';

/**
 * `<worst-mistakes>`: the wrong answers that were surest of themselves.
 *
 * @fires hear-file - `detail` is the place of a file; of the one that is heard, to stop it.
 */
@customElement('worst-mistakes')
export class WorstMistakes extends LitElement {
  static override styles = [
    focusRing,
    seeingStyles,
    css`
      ol { list-style: none; padding: 0; max-inline-size: 640px; }
      li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 16px; align-items: center; padding-block: 8px; border-block-end: 1px solid var(--line); }
      .name { font-weight: 600; overflow-wrap: anywhere; }
      button { grid-area: 1 / 2 / span 2; min-inline-size: 72px; }
      b { font-weight: 400; color: var(--ink); }
    `,
  ];

  @property({ attribute: false }) answers: FileAnswer[] = [];
  @property({ attribute: false }) files: ProjectFile[] = [];
  @property({ attribute: false }) labels: string[] = [];
  /** The file that is heard now. */
  @property({ attribute: false }) hearing: number | undefined;

  protected override render() {
    const mistakes = worstMistakes(this.answers, this.files);
    if (mistakes.length === 0) return html`<p class="quiet">${seeingTexts.mistakes.none}</p>`;
    return html`<ol aria-label=${seeingTexts.mistakes.name}>${mistakes.map((mistake) => this.#row(mistake))}</ol>`;
  }

  #row({ file, truth, answer, confidence }: Mistake) {
    const name = this.files[file]?.name ?? seeingTexts.unknownFile(file);
    const said = seeingTexts.mistakes.taken(this.labels[truth] ?? '', this.labels[answer] ?? '', confidence);
    return html`<li>
      <span class="name">${name}</span>
      <span class="quiet"><b>${said.truth}</b>, ${said.rest}</span>
      ${playButton(name, file === this.hearing, () => this.#hear(file))}
    </li>`;
  }

  #hear(detail: number) {
    this.dispatchEvent(new CustomEvent('hear-file', { detail }));
  }
}

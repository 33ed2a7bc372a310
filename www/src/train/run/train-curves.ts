import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { TrainEpoch } from 'tonearm/project';
import type { Theme } from '../../page/theme.js';
import { seeingStyles } from '../report/report-styles.js';
import { seeingTexts } from '../report/report-texts.js';
import type { CurveLine } from './train-curve.js';
import './train-curve.js';

/** `<train-curves>`: loss and share right over the epochs of a run, of the fold that it is at. */
@customElement('train-curves')
export class TrainCurves extends LitElement {
  static override styles = [
    seeingStyles,
    css`
      :host { container-type: inline-size; }
      .both { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 24px 32px; }
      .fold { margin-block-end: 8px; }
      @container (max-width: 600px) { .both { grid-template-columns: minmax(0, 1fr); } }
    `,
  ];

  /** All epochs of the run so far, of all folds; a new array when one is added. */
  @property({ attribute: false }) epochs: TrainEpoch[] = [];
  @property() theme: Theme = 'light';

  protected override render() {
    const { curves } = seeingTexts;
    const latest = this.epochs.at(-1);
    const shown = this.epochs.filter(({ fold }) => fold === latest?.fold);
    const best = shown.findLast(({ is_best }) => is_best)?.epoch;
    const curve = (name: string, share: boolean, training: (e: TrainEpoch) => number, validation: (e: TrainEpoch) => number | null) =>
      html`<train-curve
        .name=${name}
        .share=${share}
        .theme=${this.theme}
        .last=${latest?.epochs ?? 0}
        .best=${best}
        .epochs=${shown.map(({ epoch }) => epoch)}
        .lines=${[
          { name: curves.training, colour: 'quiet', dashed: true, values: shown.map(training) },
          { name: curves.validation, colour: 'accent', dashed: false, values: shown.map(validation) },
        ] satisfies CurveLine[]}
      ></train-curve>`;
    return html`
      ${latest && latest.n_folds > 1 ? html`<p class="fold quiet">${curves.fold(latest.fold, latest.n_folds - 1)}</p>` : nothing}
      <div class="both">
        ${curve(curves.loss, false, (e) => e.train_loss, (e) => e.validation_loss)}
        ${curve(curves.right, true, (e) => e.train_top1, (e) => e.validation_top1)}
      </div>
    `;
  }
}

import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { TrainEpoch } from 'tonearm/project';
import type { Theme } from '../../page/theme.js';
import { reportStyles } from '../report/report-styles.js';
import { texts } from '../../texts/texts.js';
import { narrow } from '../../shared/shared-styles.js';
import type { CurveLine } from './train-curve.js';
import './train-curve.js';

/** `<train-curves>`: loss and accuracy over the epochs of a run's latest fold. */
@customElement('train-curves')
export class TrainCurves extends LitElement {
  static override styles = [
    reportStyles,
    css`
      :host { container-type: inline-size; }
      .both { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: var(--_space-6) var(--_space-8); }
      .not-kept { margin-block-start: var(--_space-2); }
      .fold { margin-block-end: var(--_space-2); }
      @container ${narrow} { .both { grid-template-columns: minmax(0, 1fr); } }
    `,
  ];

  /** Epochs of all folds so far. Replace the array to add one. */
  @property({ attribute: false }) epochs: TrainEpoch[] = [];
  /** The epoch whose parameters were kept; undefined while the run is active. */
  @property({ type: Number }) kept: number | undefined;
  @property() theme: Theme = 'light';

  protected override render() {
    const { curves } = texts.report;
    const latest = this.epochs.at(-1);
    const shown = this.epochs.filter(({ fold }) => fold === latest?.fold);
    const best = shown.findLast(({ isBest }) => isBest)?.epoch;
    const notKept = best !== undefined && this.kept !== undefined && best !== this.kept;
    const curve = (name: string, fraction: boolean, training: (e: TrainEpoch) => number, validation: (e: TrainEpoch) => number | null) =>
      html`<train-curve
        .name=${name}
        .fraction=${fraction}
        .theme=${this.theme}
        .maxEpochs=${latest?.epochs ?? 0}
        .best=${best}
        .notKept=${notKept}
        .epochs=${shown.map(({ epoch }) => epoch)}
        .lines=${[
          { name: curves.training, colour: 'quiet', dashed: true, values: shown.map(training) },
          { name: curves.validation, colour: 'accent', dashed: false, values: shown.map(validation) },
        ] satisfies CurveLine[]}
      ></train-curve>`;
    return html`
      ${latest && latest.nFolds > 1 ? html`<p class="fold quiet">${curves.fold(latest.fold, latest.nFolds - 1)}</p>` : nothing}
      <div class="both">
        ${curve(curves.loss, false, (e) => e.trainLoss, (e) => e.validationLoss)}
        ${curve(curves.accuracy, true, (e) => e.trainTop1, (e) => e.validationTop1)}
      </div>
      ${notKept ? html`<p class="quiet not-kept">${curves.notKept(best, this.kept ?? 0)}</p>` : nothing}
    `;
  }
}

import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { decimal } from 'tonearm/page';
import type { ClassMetrics, Metrics, TrainEpoch, TrainSettings } from 'tonearm/project';
import { focusRing, medium, narrow } from '../../shared/shared-styles.js';
import type { Theme } from '../../page/theme.js';
import { percentOfFiles } from './predictions.js';
import { type Comparison, type Disagreement, type MeasuredRun, type Pair, signTest, changedSettings, classesOf, compare, isComparable } from './comparison.js';
import { playButton } from './play-button.js';
import { reportStyles } from './report-styles.js';
import { texts } from '../../texts/texts.js';
import '../run/train-curve.js';
import type { CurveLine } from '../run/train-curve.js';

/** Significance level of the sign test. */
const SIGNIFICANCE = 0.05;

/**
 * `<run-comparison>`: two runs side by side, and whether their metrics are comparable.
 *
 * @fires play-example - `detail` is an example's id.
 */
@customElement('run-comparison')
export class RunComparison extends LitElement {
  static override styles = [
    focusRing,
    reportStyles,
    css`
      :host { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--_space-8); margin-block-start: var(--_space-6); container-type: inline-size; }
      section { min-inline-size: 0; }
      h3 { font-size: var(--_text); margin: 0 0 var(--_space-2); }
      .runs { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--_space-1); margin-block-end: var(--_space-3); }
      .runs dt, .letter, .correct { font-weight: 600; }
      .runs div { display: flex; gap: var(--_space-3); }
      .runs dd { min-inline-size: 0; }
      .pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: var(--_space-8); }
      .scroll { max-inline-size: 560px; }
      table { inline-size: 100%; }
      tbody th { font-weight: 400; }
      dd small { display: block; font-size: var(--_text-small); color: var(--_quiet); }
      ul { list-style: none; padding: 0; max-inline-size: 720px; max-block-size: 480px; overflow-y: auto; }
      li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 var(--_space-4); align-items: center; padding-block: var(--_space-2); border-block-end: 1px solid var(--_line); }
      .name { font-weight: 600; overflow-wrap: anywhere; }
      li button { grid-area: 1 / 2 / span 3; min-inline-size: 72px; }
      p + p { margin-block-start: var(--_space-1); }
      @container ${narrow} { th, td { padding-inline-start: var(--_space-2); } .number { white-space: normal; } }
      @container ${medium} { .pair { grid-template-columns: minmax(0, 1fr); } }
    `,
  ];

  /** The runs to compare, the earlier one first. */
  @property({ attribute: false }) runs!: Pair<MeasuredRun>;
  @property() theme: Theme = 'light';
  /** Id of the example that is playing. */
  @property() playing: string | null = null;

  protected override render() {
    const { comparison } = texts.report;
    const compared = compare(this.runs);
    return html`
      <section>
        <h3>${comparison.name}</h3>
        ${this.#descriptions()} ${conclusion(compared)}
      </section>
      <div class="pair">
        <section>
          <h3>${comparison.scores}</h3>
          ${this.#scores(isComparable(compared))}
        </section>
        <section>
          <h3>${comparison.classes}</h3>
          ${this.#classes(isComparable(compared))}
        </section>
      </div>
      <section>
        <h3>${comparison.settings}</h3>
        ${this.#settings()}
      </section>
      <section>
        <h3>${comparison.curves}</h3>
        ${this.#curves()}
      </section>
      <section>
        <h3>${comparison.files}</h3>
        ${compared.disagreements.length > 0
          ? html`<ul tabindex="0" aria-label=${comparison.files}>${compared.disagreements.map((each) => this.#file(each))}</ul>`
          : html`<p class="quiet">${comparison.agree}</p>`}
      </section>
    `;
  }

  #descriptions() {
    const { runs, comparison } = texts.report;
    return html`<dl class="runs">
      ${this.runs.map(
        (run, i) => html`<div>
          <dt>${comparison.letters[i]}</dt>
          <dd>${runs.title(run)}<small>${runs.method(runs.recipes[run.settings.recipe], runs.devices[run.backend])}</small></dd>
        </div>`,
      )}
    </dl>`;
  }

  #scores(comparable: boolean) {
    const { scores, comparison } = texts.report;
    const [a, b] = this.#both(({ result }) => result.metrics);
    const row = (name: string, cell: (metrics: Metrics) => string, difference: string) => [name, cell(a), cell(b), comparable ? difference : texts.report.none];
    const fraction = (name: string, of: (metrics: Metrics) => number) =>
      row(name, (metrics) => percentOfFiles(of(metrics), metrics.n), comparison.points(of(b) - of(a)));
    const interval = ({ result: { interval, metrics } }: MeasuredRun) => comparison.interval(percentOfFiles(interval[0], metrics.n), percentOfFiles(interval[1], metrics.n));
    return table(
      comparison.scores,
      [comparison.metric, ...comparison.letters, comparison.difference],
      [
        [comparison.tested, String(a.n), String(b.n), ''],
        fraction(scores.accuracy, ({ top1 }) => top1),
        [comparison.intervals, ...this.#both(interval), ''],
        fraction(scores.balanced, ({ balanced }) => balanced),
        row(scores.macroF1, ({ macroF1 }) => decimal(macroF1, 2), comparison.change(b.macroF1 - a.macroF1)),
        fraction(scores.ece, ({ ece }) => ece),
      ],
    );
  }

  #classes(comparable: boolean) {
    const { comparison, none } = texts.report;
    const f1 = (metrics: ClassMetrics | undefined) => (metrics && metrics.n > 0 ? metrics.f1 : undefined);
    const cell = (value: number | undefined) => (value === undefined ? none : decimal(value, 2));
    return table(
      comparison.classes,
      [...comparison.classColumns, ...comparison.letters, comparison.difference],
      classesOf(this.runs).map(({ label, metrics }) => {
        const [a, b] = [f1(metrics[0]), f1(metrics[1])];
        const n = comparison.counts([...new Set(metrics.map((each) => each?.n ?? 0))]);
        const difference = comparable && a !== undefined && b !== undefined ? comparison.change(b - a) : none;
        return [label, n, cell(a), cell(b), difference];
      }),
    );
  }

  #settings() {
    const { comparison } = texts.report;
    const names = changedSettings(this.runs);
    if (names.length === 0) return html`<p class="quiet">${comparison.sameSettings}</p>`;
    return table(
      comparison.settings,
      [comparison.setting, ...comparison.letters],
      names.map((name) => [settingName(name), ...this.#both(({ settings }) => settingValue(settings, name))]),
    );
  }

  #curves() {
    const { curves, comparison } = texts.report;
    const shown = this.#both(({ epochs }) => lastValidatedFold(epochs));
    const n = Math.max(...shown.map(({ length }) => length));
    const curve = (name: string, fraction: boolean, training: (e: TrainEpoch) => number, validation: (e: TrainEpoch) => number | null) => {
      const lines = shown.flatMap((epochs, i): CurveLine[] => {
        const letter = comparison.letters[i] ?? '';
        const line = (name: string, dashed: boolean, of: (e: TrainEpoch) => number | null): CurveLine => ({
          name,
          colour: i === 0 ? 'quiet' : 'accent',
          dashed,
          values: Array.from({ length: n }, (_, epoch) => (epochs[epoch] ? of(epochs[epoch]) : null)),
        });
        return [line(comparison.trainingLine(letter), true, training), line(comparison.validationLine(letter), false, validation)];
      });
      return html`<train-curve .name=${name} .fraction=${fraction} .theme=${this.theme} .maxEpochs=${n} .epochs=${Array.from({ length: n }, (_, i) => i + 1)} .lines=${lines}></train-curve>`;
    };
    return html`
      ${shown.map(([first], i) =>
        first && first.nFolds > 1 ? html`<p class="quiet">${comparison.foldOf(comparison.letters[i] ?? '', curves.fold(first.fold, first.nFolds - 1))}</p>` : nothing,
      )}
      <div class="pair">
        ${curve(curves.loss, false, (e) => e.trainLoss, (e) => e.validationLoss)} ${curve(curves.accuracy, true, (e) => e.trainTop1, (e) => e.validationTop1)}
      </div>
    `;
  }

  #file({ id, predictions }: Disagreement) {
    const { comparison } = texts.report;
    const [{ name }] = predictions;
    return html`<li>
      <span class="name" dir="auto">${name}</span>
      ${predictions.map(
        ({ predicted, confidence, correct }, i) => html`<span class="quiet"
          ><span class="letter">${comparison.letters[i]}</span>
          <span class=${correct ? 'correct' : ''}>${comparison.prediction(predicted, confidence, correct)}</span></span
        >`,
      )}
      ${playButton(name, id === this.playing, () => this.#playExample(id))}
    </li>`;
  }

  #both<T>(of: (run: MeasuredRun) => T): Pair<T> {
    return [of(this.runs[0]), of(this.runs[1])];
  }

  #playExample(detail: string) {
    this.dispatchEvent(new CustomEvent('play-example', { detail, bubbles: true, composed: true }));
  }
}

/** Whether the runs are comparable and, if they differ, whether the difference is significant. */
function conclusion({ shared, only, sameLabels, better }: Comparison) {
  const { comparison } = texts.report;
  const differ = better[0] + better[1] > 0;
  const sameFiles = shared > 0 && only[0] + only[1] === 0;
  const p = signTest(better);
  const files = sameFiles ? comparison.same(shared) : shared === 0 ? comparison.nothingShared : comparison.notSame(shared, ...only);
  return html`
    <p class=${sameFiles ? '' : 'warning'}>${files}</p>
    ${sameLabels ? nothing : html`<p class="warning">${comparison.otherLabels}</p>`}
    ${differ
      ? html`<p>${comparison.better(...better, shared)} ${better[0] === better[1] ? nothing : p > SIGNIFICANCE ? comparison.maybeChance(p) : comparison.noChance}</p>`
      : nothing}
  `;
}

function table(name: string, columns: string[], rows: string[][]) {
  return html`<div class="scroll" tabindex="0" role="group" aria-label=${name}>
    <table>
      <caption class="visually-hidden">${name}</caption>
      <thead>
        <tr>${columns.map((column, i) => html`<th scope="col" class=${i > 0 ? 'number' : ''}>${column}</th>`)}</tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first, ...rest]) => html`<tr>
            <th scope="row"><span class="class-name" dir="auto">${first}</span></th>
            ${rest.map((cell) => html`<td class="number">${cell}</td>`)}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Epochs of the last fold that has validation files. The final fold, which trains on all files, has none. */
function lastValidatedFold(epochs: TrainEpoch[]): TrainEpoch[] {
  const { fold } = epochs.findLast(({ validationLoss }) => validationLoss !== null) ?? epochs.at(-1) ?? {};
  return epochs.filter((epoch) => epoch.fold === fold);
}

function settingName(name: keyof TrainSettings): string {
  return { ...texts.train.settings, recipe: texts.train.recipe }[name];
}

function settingValue(settings: TrainSettings, name: keyof TrainSettings): string {
  if (name === 'recipe') return texts.train.recipes[settings.recipe].name;
  if (name === 'optimizer') return texts.train.optimizers[settings.optimizer];
  const value = settings[name];
  return typeof value === 'boolean' ? texts.report.comparison.yesNo(value) : String(value);
}

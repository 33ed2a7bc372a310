import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ClassMetrics, Metrics, TrainEpoch, TrainSettings } from 'tonearm/project';
import { focusRing } from '../../shared/shared-styles.js';
import type { Theme } from '../../page/theme.js';
import { percent } from './predictions.js';
import { type Comparison, type Disagreement, type MeasuredRun, type Pair, byChance, changedSettings, classesOf, compare, sameQuestion } from './comparison.js';
import { playButton } from '../classes/play-button.js';
import { seeingStyles } from './report-styles.js';
import { seeingTexts } from './report-texts.js';
import { trainTexts } from '../texts.js';
import '../run/train-curve.js';
import type { CurveLine } from '../run/train-curve.js';

/** How often a difference may come by chance and still be called one. */
const SELDOM = 0.05;

/**
 * `<run-comparison>`: two runs beside each other, and whether that can be done.
 *
 * @fires hear-example - `detail` is an example's id.
 */
@customElement('run-comparison')
export class RunComparison extends LitElement {
  static override styles = [
    focusRing,
    seeingStyles,
    css`
      :host { display: grid; gap: 32px; margin-block-start: 24px; container-type: inline-size; }
      section { min-inline-size: 0; }
      h3 { font-size: 16px; margin: 0 0 8px; }
      .runs { display: grid; gap: 4px; margin-block-end: 12px; }
      .runs dt, .letter { font-weight: 600; }
      .runs div { display: flex; gap: 12px; }
      .pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 32px; }
      .scroll { max-inline-size: 560px; }
      table { inline-size: 100%; }
      tbody th { font-weight: 400; overflow-wrap: anywhere; min-inline-size: 88px; }
      dd small { display: block; font-size: 13px; color: var(--quiet); }
      ul { list-style: none; padding: 0; max-inline-size: 720px; max-block-size: 480px; overflow-y: auto; }
      li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 16px; align-items: center; padding-block: 8px; border-block-end: 1px solid var(--line); }
      .name { font-weight: 600; overflow-wrap: anywhere; }
      li button { grid-area: 1 / 2 / span 3; min-inline-size: 72px; }
      p + p { margin-block-start: 4px; }
      @container (max-width: 480px) { th, td { padding-inline-start: 8px; } .number { white-space: normal; } }
      @container (max-width: 720px) { .pair { grid-template-columns: minmax(0, 1fr); } }
    `,
  ];

  /** The earlier one first. */
  @property({ attribute: false }) runs!: Pair<MeasuredRun>;
  @property() theme: Theme = 'light';
  /** The example that is heard. */
  @property() playing: string | null = null;

  protected override render() {
    const { comparison } = seeingTexts;
    const compared = compare(this.runs);
    return html`
      <section>
        <h3>${comparison.name}</h3>
        ${this.#who()} ${verdict(compared)}
      </section>
      <div class="pair">
        <section>
          <h3>${comparison.scores}</h3>
          ${this.#scores(sameQuestion(compared))}
        </section>
        <section>
          <h3>${comparison.classes}</h3>
          ${this.#classes(sameQuestion(compared))}
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

  #who() {
    const { runs, comparison } = seeingTexts;
    return html`<dl class="runs">
      ${this.runs.map(
        ({ startedAt, settings, backend }, i) => html`<div>
          <dt>${comparison.letters[i]}</dt>
          <dd>${runs.started(startedAt)}<small>${runs.made(runs.recipes[settings.recipe], runs.backends[backend])}</small></dd>
        </div>`,
      )}
    </dl>`;
  }

  #scores(same: boolean) {
    const { scores, comparison } = seeingTexts;
    const [a, b] = this.#both(({ result }) => result.metrics);
    const row = (name: string, cell: (metrics: Metrics) => string, difference: string) => [name, cell(a), cell(b), same ? difference : seeingTexts.none];
    const share = (name: string, of: (metrics: Metrics) => number) =>
      row(name, (metrics) => percent(of(metrics), metrics.n), comparison.points(of(b) - of(a)));
    const interval = ({ result: { interval, metrics } }: MeasuredRun) => comparison.interval(percent(interval[0], metrics.n), percent(interval[1], metrics.n));
    return table(
      comparison.scores,
      [comparison.figure, ...comparison.letters, comparison.difference],
      [
        [comparison.measured, String(a.n), String(b.n), ''],
        share(scores.right, ({ top1 }) => top1),
        [comparison.intervals, ...this.#both(interval), ''],
        share(scores.balanced, ({ balanced }) => balanced),
        row(scores.macroF1, ({ macro_f1 }) => macro_f1.toFixed(2), comparison.change(b.macro_f1 - a.macro_f1)),
        share(scores.ece, ({ ece }) => ece),
      ],
    );
  }

  #classes(same: boolean) {
    const { comparison, none } = seeingTexts;
    const f1 = (figures: ClassMetrics | undefined) => (figures && figures.n > 0 ? figures.f1 : undefined);
    return table(
      comparison.classes,
      [...comparison.classColumns, ...comparison.letters, comparison.difference],
      classesOf(this.runs).map(({ label, figures }) => {
        const [a, b] = [f1(figures[0]), f1(figures[1])];
        const n = [...new Set(figures.map((each) => each?.n ?? 0))].join(', ');
        const difference = same && a !== undefined && b !== undefined ? comparison.change(b - a) : none;
        return [label, n, a?.toFixed(2) ?? none, b?.toFixed(2) ?? none, difference];
      }),
    );
  }

  #settings() {
    const { comparison } = seeingTexts;
    const names = changedSettings(this.runs);
    if (names.length === 0) return html`<p class="quiet">${comparison.sameSettings}</p>`;
    return table(
      comparison.settings,
      [comparison.setting, ...comparison.letters],
      names.map((name) => [settingName(name), ...this.#both(({ settings }) => settingValue(settings, name))]),
    );
  }

  #curves() {
    const { curves, comparison } = seeingTexts;
    const shown = this.#both(({ epochs }) => measuredFold(epochs));
    const n = Math.max(...shown.map(({ length }) => length));
    const curve = (name: string, share: boolean, training: (e: TrainEpoch) => number, validation: (e: TrainEpoch) => number | null) => {
      const lines = shown.flatMap((epochs, i): CurveLine[] => {
        const line = (what: string, dashed: boolean, of: (e: TrainEpoch) => number | null): CurveLine => ({
          name: comparison.line(comparison.letters[i] ?? '', what),
          colour: i === 0 ? 'quiet' : 'accent',
          dashed,
          values: Array.from({ length: n }, (_, epoch) => (epochs[epoch] ? of(epochs[epoch]) : null)),
        });
        return [line(curves.training, true, training), line(curves.validation, false, validation)];
      });
      return html`<train-curve .name=${name} .share=${share} .theme=${this.theme} .last=${n} .epochs=${Array.from({ length: n }, (_, i) => i + 1)} .lines=${lines}></train-curve>`;
    };
    return html`
      ${shown.map(([first], i) =>
        first && first.n_folds > 1 ? html`<p class="quiet">${comparison.foldOf(comparison.letters[i] ?? '', curves.fold(first.fold, first.n_folds - 1))}</p>` : nothing,
      )}
      <div class="pair">
        ${curve(curves.loss, false, (e) => e.train_loss, (e) => e.validation_loss)} ${curve(curves.right, true, (e) => e.train_top1, (e) => e.validation_top1)}
      </div>
    `;
  }

  #file({ id, verdicts }: Disagreement) {
    const { comparison } = seeingTexts;
    const [{ name }] = verdicts;
    return html`<li>
      <span class="name">${name}</span>
      ${verdicts.map(
        ({ answer, confidence, right }, i) => html`<span class="quiet"
          ><span class="letter">${comparison.letters[i]}</span> ${comparison.verdict(answer, confidence)}:
          <span class=${right ? 'letter' : ''}>${right ? comparison.right : comparison.wrong}</span></span
        >`,
      )}
      ${playButton(name, id === this.playing, () => this.#hear(id))}
    </li>`;
  }

  #both<T>(of: (run: MeasuredRun) => T): Pair<T> {
    return [of(this.runs[0]), of(this.runs[1])];
  }

  #hear(detail: string) {
    this.dispatchEvent(new CustomEvent('hear-example', { detail, bubbles: true, composed: true }));
  }
}

/** Whether one is better, in words. */
function verdict(compared: Comparison) {
  const { comparison } = seeingTexts;
  const { both, only, sameTruth, better } = compared;
  const apart = better[0] + better[1] > 0;
  const same = both > 0 && only[0] + only[1] === 0;
  const chance = byChance(better);
  return html`
    <p class=${same ? '' : 'doubt'}>${same ? comparison.same(both) : comparison.notSame(both, ...only)}</p>
    ${sameTruth ? nothing : html`<p class="doubt">${comparison.otherTruth}</p>`}
    ${apart
      ? html`<p>${comparison.better(...better, both)} ${better[0] === better[1] ? nothing : chance > SELDOM ? comparison.chance(chance) : comparison.noChance}</p>`
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
            <th scope="row">${first}</th>
            ${rest.map((cell) => html`<td class="number">${cell}</td>`)}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Of a run with folds, the last that had something to measure on. */
function measuredFold(epochs: TrainEpoch[]): TrainEpoch[] {
  const { fold } = epochs.findLast(({ validation_loss }) => validation_loss !== null) ?? epochs.at(-1) ?? {};
  return epochs.filter((epoch) => epoch.fold === fold);
}

function settingName(name: keyof TrainSettings): string {
  return { ...trainTexts.settings, recipe: trainTexts.recipe }[name];
}

function settingValue(settings: TrainSettings, name: keyof TrainSettings): string {
  if (name === 'recipe') return trainTexts.recipes[settings.recipe].name;
  if (name === 'optimizer') return trainTexts.optimizers[settings.optimizer];
  const value = settings[name];
  return typeof value === 'boolean' ? seeingTexts.comparison.yesNo(value) : String(value);
}

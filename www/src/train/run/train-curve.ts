import { LitElement, type PropertyValues, css, html, nothing, unsafeCSS } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { decimal, percent } from 'tonearm/page';
import 'tonearm/element';
import type { Table } from 'tonearm/element';
import uPlot from 'uplot';
import uPlotStyles from 'uplot/dist/uPlot.min.css?inline';
import { focusRing } from '../../shared/shared-styles.js';
import type { Theme } from '../../page/theme.js';
import { reportStyles } from '../report/report-styles.js';
import { texts } from '../../texts/texts.js';

/** Height of the plot, in CSS pixels. */
const HEIGHT = 200;

/** Minimum number of epochs on the x axis, so that the first ones do not fill the width. */
const MIN_EPOCHS = 10;

/** Possible distances between labelled epochs. */
const EPOCH_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500];

const FONT = '12px system-ui, sans-serif';

/** Lengths of a dash and a gap, in CSS pixels. */
const DASH = [4, 4];

/** A line of the plot, with one value per epoch, or null where there is none. */
export interface CurveLine {
  name: string;
  colour: 'quiet' | 'accent';
  dashed: boolean;
  values: (number | null)[];
}

/** `<train-curve>`: a metric over the epochs of one or more runs, for training and validation. */
@customElement('train-curve')
export class TrainCurve extends LitElement {
  static override styles = [
    unsafeCSS(uPlotStyles),
    focusRing,
    reportStyles,
    css`
      figcaption { display: flex; flex-wrap: wrap; gap: 0 var(--_space-4); align-items: baseline; min-block-size: 24px; color: var(--_quiet); font-variant-numeric: tabular-nums; }
      .head { display: flex; gap: var(--_space-4); flex: 1 0 100%; }
      b { font-weight: 600; color: var(--_ink); flex: 1; }
      .best { border-inline-start: 1px solid; padding-inline-start: var(--_space-2); }
      .line { display: inline-block; inline-size: 16px; border-block-start: 2px solid; vertical-align: middle; margin-inline-end: 6px; }
      .line.quiet { color: var(--_quiet); }
      .line.accent { color: var(--_accent); }
      .line.dashed { border-block-start-style: dashed; }
      .plot { block-size: ${HEIGHT}px; overflow: hidden; color: var(--_quiet); border: 0 solid var(--_line); outline-color: var(--_accent); margin-block-start: var(--_space-2); }
      .u-hz .u-cursor-x { border-color: var(--_quiet); }
    `,
  ];

  /** Name of the metric. */
  @property() name = '';
  @property({ attribute: false }) epochs: number[] = [];
  /** Lines to draw. The number of lines must not change. Lines without values are missing from the caption. */
  @property({ attribute: false }) lines: CurveLine[] = [];
  /** The best epoch so far. */
  @property({ attribute: false }) best: number | undefined;
  /** Whether the run kept another epoch. */
  @property({ type: Boolean }) notKept = false;
  /** Maximum number of epochs of the run. */
  @property({ type: Number }) maxEpochs = 0;
  /** Whether the metric is a fraction, shown in per cent. */
  @property({ type: Boolean }) fraction = false;
  @property() theme: Theme = 'light';
  /** Index of the epoch under the pointer. */
  @state() private hovered: number | undefined;
  @query('.plot') private box!: HTMLElement;

  #plot: uPlot | undefined;
  #colours = { quiet: '', accent: '', line: '' };
  readonly #resizes = new ResizeObserver(() => this.#plot?.setSize({ width: this.box.clientWidth, height: HEIGHT }));

  override connectedCallback() {
    super.connectedCallback();
    this.requestUpdate();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#resizes.disconnect();
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  protected override render() {
    const { curves } = texts.report;
    const at = Math.min(this.hovered ?? Infinity, this.epochs.length - 1);
    return html`<figure>
      <figcaption>
        <span class="head">
          <b>${this.name}</b>
          ${this.best === undefined ? nothing : html`<span><span class="best">${this.notKept ? curves.bestNotKept(this.best) : curves.best(this.best)}</span></span>`}
          <span>${at >= 0 ? curves.atEpoch(this.epochs[at] ?? 0) : nothing}</span>
        </span>
        ${this.#linesWithValues().map(
          ({ name, colour, dashed, values }) =>
            html`<span><span class="line ${colour} ${dashed ? 'dashed' : ''}"></span>${name} ${this.#value(this.hovered === undefined ? latestOf(values) : values[at])}</span>`,
        )}
      </figcaption>
      <div class="plot" role="img" aria-label=${this.#summary()}></div>
      <tone-arm-table numbers .name=${this.name} .table=${guard([this.epochs, this.lines], () => () => this.#table())}></tone-arm-table>
    </figure>`;
  }

  #table(): Table {
    const { epochs, lines } = this;
    return {
      headings: [texts.report.curves.epoch, ...lines.map(({ name }) => name)],
      rows: epochs.map((epoch, i) => [epoch, ...lines.map(({ values }) => this.#value(values[i]))]),
    };
  }

  protected override updated(changed: PropertyValues<this>) {
    if (changed.has('theme')) this.#readColours();
    if (!this.#plot) this.#create();
    else if (changed.has('epochs') || changed.has('lines')) this.#plot.setData(this.#data());
    else if (changed.has('theme') || changed.has('best')) this.#plot.redraw();
  }

  #create() {
    this.#plot = new uPlot(this.#options(), this.#data(), this.box);
    this.#resizes.observe(this.box);
  }

  #data(): uPlot.AlignedData {
    return [this.epochs, ...this.lines.map(({ values }) => values)];
  }

  /** Reads the theme's colours from an element, because a canvas cannot use custom properties. */
  #readColours() {
    const { color: quiet, outlineColor: accent, borderTopColor: line } = getComputedStyle(this.box);
    this.#colours = { quiet, accent, line };
  }

  #options(): uPlot.Options {
    const axis = { stroke: () => this.#colours.quiet, font: FONT, ticks: { show: false }, grid: { stroke: () => this.#colours.line, width: 1 } };
    // A line with a single epoch has no length, so it is drawn as a point.
    const points = { show: ({ data }: uPlot) => data[0].length === 1, size: 6 };
    const format = (_: uPlot, values: number[]) => values.map((value) => (this.fraction ? this.#value(value) : String(value)));
    return {
      width: this.box.clientWidth,
      height: HEIGHT,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { time: false, range: () => [1, Math.max(2, this.epochs.length, Math.min(this.maxEpochs, MIN_EPOCHS))] },
        y: { range: (_, _low, high) => [0, this.fraction ? 1 : (high || 1) * 1.05] },
      },
      axes: [
        { ...axis, size: 28, incrs: EPOCH_STEPS },
        { ...axis, size: 48, values: format },
      ],
      series: [{}, ...this.lines.map(({ colour, dashed }) => ({ stroke: () => this.#colours[colour], width: 2, ...(dashed && { dash: DASH }), points }))],
      hooks: { draw: [(plot) => this.#drawBest(plot)], setCursor: [({ cursor }) => (this.hovered = cursor.idx ?? undefined)] },
    };
  }

  /** Draws a thin vertical line at the best epoch. */
  #drawBest({ ctx, bbox, valToPos }: uPlot) {
    if (this.best === undefined) return;
    const x = Math.round(valToPos(this.best, 'x', true));
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = this.#colours.quiet;
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }

  #value(value: number | null | undefined): string {
    if (value === null || value === undefined) return texts.report.none;
    return this.fraction ? percent(value) : decimal(value, 3);
  }

  /** The first line, and the other lines that have a value. */
  #linesWithValues(): CurveLine[] {
    return this.lines.filter(({ values }, i) => i === 0 || latestOf(values) !== null);
  }

  #summary(): string {
    const { curves } = texts.report;
    const epoch = this.epochs.at(-1);
    if (epoch === undefined) return curves.noEpochs(this.name);
    const values = this.#linesWithValues().map(({ name, values }) => curves.value(name, this.#value(latestOf(values))));
    return this.best === undefined ? curves.summary(this.name, epoch, values) : curves.summaryWithBest(this.name, epoch, values, this.best);
  }
}

function latestOf(values: (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null;
}

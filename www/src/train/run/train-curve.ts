import { LitElement, type PropertyValues, css, html, nothing, unsafeCSS } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import 'tonearm/element';
import type { Table } from 'tonearm/element';
import uPlot from 'uplot';
import uPlotStyles from 'uplot/dist/uPlot.min.css?inline';
import { focusRing } from '../../shared/shared-styles.js';
import type { Theme } from '../../page/theme.js';
import { seeingStyles } from '../report/report-styles.js';
import { seeingTexts } from '../report/report-texts.js';

/** Height of the plot, in CSS pixels. */
const HEIGHT = 200;

/** Epochs that there is room for from the start, so that the first ones do not fill the width. */
const FIRST_EPOCHS = 10;

/** Steps between labelled epochs. */
const EPOCH_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500];

const FONT = '12px system-ui, sans-serif';

/** A dash and a gap, in CSS pixels. */
const DASH = [4, 4];

/** One line of the plot: a value an epoch, null where there is none. */
export interface CurveLine {
  name: string;
  colour: 'quiet' | 'accent';
  dashed: boolean;
  values: (number | null)[];
}

/** `<train-curve>`: one figure over the epochs of a run or of several, in training and in validation. */
@customElement('train-curve')
export class TrainCurve extends LitElement {
  static override styles = [
    unsafeCSS(uPlotStyles),
    focusRing,
    seeingStyles,
    css`
      figcaption { display: flex; flex-wrap: wrap; gap: 0 16px; align-items: baseline; min-block-size: 24px; color: var(--quiet); font-variant-numeric: tabular-nums; }
      .head { display: flex; gap: 16px; flex: 1 0 100%; }
      b { font-weight: 600; color: var(--ink); flex: 1; }
      .best { border-inline-start: 1px solid; padding-inline-start: 8px; }
      .line { display: inline-block; inline-size: 16px; border-block-start: 2px solid; vertical-align: middle; margin-inline-end: 6px; }
      .line.quiet { color: var(--quiet); }
      .line.accent { color: var(--accent); }
      .line.dashed { border-block-start-style: dashed; }
      .plot { block-size: ${HEIGHT}px; overflow: hidden; color: var(--quiet); border: 0 solid var(--line); outline-color: var(--accent); margin-block-start: 8px; }
      .u-hz .u-cursor-x { border-color: var(--quiet); }
    `,
  ];

  /** What is shown. */
  @property() name = '';
  @property({ attribute: false }) epochs: number[] = [];
  /** As many from first to last; those that have a value are named. */
  @property({ attribute: false }) lines: CurveLine[] = [];
  /** The epoch that would be kept now. */
  @property({ attribute: false }) best: number | undefined;
  /** The epoch at which the run ends at the latest. */
  @property({ type: Number }) last = 0;
  /** Whether the figure is a share, shown in per cent. */
  @property({ type: Boolean }) share = false;
  @property() theme: Theme = 'light';
  /** Place of the epoch under the pointer. */
  @state() private pointed: number | undefined;
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
    const { curves } = seeingTexts;
    const at = Math.min(this.pointed ?? Infinity, this.epochs.length - 1);
    return html`<figure>
      <figcaption>
        <span class="head">
          <b>${this.name}</b>
          ${this.best === undefined ? nothing : html`<span><span class="best">${curves.best(this.best)}</span></span>`}
          <span>${at >= 0 ? curves.atEpoch(this.epochs[at] ?? 0) : nothing}</span>
        </span>
        ${this.#known().map(
          ({ name, colour, dashed, values }) =>
            html`<span><span class="line ${colour} ${dashed ? 'dashed' : ''}"></span>${name} ${this.#value(this.pointed === undefined ? latestOf(values) : values[at])}</span>`,
        )}
      </figcaption>
      <div class="plot" role="img" aria-label=${this.#summary()}></div>
      <tone-arm-table numbers .name=${this.name} .table=${guard([this.epochs, this.lines], () => () => this.#table())}></tone-arm-table>
    </figure>`;
  }

  #table(): Table {
    const { epochs, lines } = this;
    return {
      headings: [seeingTexts.curves.epoch, ...lines.map(({ name }) => name)],
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

  /** A canvas knows no custom properties; an element of the theme tells what they come to. */
  #readColours() {
    const { color: quiet, outlineColor: accent, borderTopColor: line } = getComputedStyle(this.box);
    this.#colours = { quiet, accent, line };
  }

  #options(): uPlot.Options {
    const axis = { stroke: () => this.#colours.quiet, font: FONT, ticks: { show: false }, grid: { stroke: () => this.#colours.line, width: 1 } };
    // A line of one epoch has no length.
    const points = { show: ({ data }: uPlot) => data[0].length === 1, size: 6 };
    const format = (_: uPlot, values: number[]) => values.map((value) => (this.share ? this.#value(value) : String(value)));
    return {
      width: this.box.clientWidth,
      height: HEIGHT,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { time: false, range: () => [1, Math.max(2, this.epochs.length, Math.min(this.last, FIRST_EPOCHS))] },
        y: { range: (_, _low, high) => [0, this.share ? 1 : (high || 1) * 1.05] },
      },
      axes: [
        { ...axis, size: 28, incrs: EPOCH_STEPS },
        { ...axis, size: 48, values: format },
      ],
      series: [{}, ...this.lines.map(({ colour, dashed }) => ({ stroke: () => this.#colours[colour], width: 2, ...(dashed && { dash: DASH }), points }))],
      hooks: { draw: [(plot) => this.#drawBest(plot)], setCursor: [({ cursor }) => (this.pointed = cursor.idx ?? undefined)] },
    };
  }

  /** A thin line at the epoch that is kept. */
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
    if (value === null || value === undefined) return seeingTexts.none;
    return this.share ? seeingTexts.percent(value) : value.toFixed(3);
  }

  /** The lines that have anything to show; the first is always there. */
  #known(): CurveLine[] {
    return this.lines.filter(({ values }, i) => i === 0 || latestOf(values) !== null);
  }

  #summary(): string {
    const { curves } = seeingTexts;
    const epoch = this.epochs.at(-1);
    if (epoch === undefined) return `${this.name}. ${curves.waiting}`;
    const values = this.#known().map(({ name, values }) => curves.valueOf(name, this.#value(latestOf(values))));
    return curves.summary(this.name, epoch, values, this.best);
  }
}

function latestOf(values: (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null;
}

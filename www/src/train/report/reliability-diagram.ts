import { LitElement, css, html, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import 'tonearm/element';
import type { Table } from 'tonearm/element';
import type { ReliabilityBin } from 'tonearm/project';
import { focusRing } from '../../shared/shared-styles.js';
import { percentOfFiles } from './predictions.js';
import { reportStyles } from './report-styles.js';
import { texts } from '../../texts/texts.js';

/** Side of the plot area, in SVG units. */
const SIDE = 240;

/** Margins for the axes and for dots at the edge, in SVG units. */
const MARGIN = { start: 48, end: 16, top: 12, bottom: 44 };

/** Largest and smallest radius of a dot, in SVG units. */
const RADIUS = { max: 11, min: 3 };

const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** `<reliability-diagram>`: accuracy of the predictions as a function of their confidence. */
@customElement('reliability-diagram')
export class ReliabilityDiagram extends LitElement {
  static override styles = [
    focusRing,
    reportStyles,
    css`
      figure { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--_space-2); max-inline-size: 400px; }
      svg { display: block; inline-size: 100%; max-inline-size: ${MARGIN.start + SIDE + MARGIN.end}px; font-size: var(--_text-tiny); }
      text { fill: var(--_quiet); font-variant-numeric: tabular-nums; }
      .grid { stroke: var(--_line); }
      .diagonal { stroke: var(--_quiet); stroke-dasharray: 4 4; }
      .gap { stroke: var(--_accent); stroke-width: 2; }
      circle { fill: var(--_accent); stroke: var(--_paper); stroke-width: 1.5; }
    `,
  ];

  @property({ attribute: false }) bins: ReliabilityBin[] = [];

  protected override render() {
    const { reliability } = texts.report;
    const full = this.bins.filter(({ n }) => n > 0);
    if (full.length === 0) return html`<p class="quiet">${reliability.none}</p>`;
    return html`<figure>
      <svg
        viewBox="0 0 ${MARGIN.start + SIDE + MARGIN.end} ${MARGIN.top + SIDE + MARGIN.bottom}"
        role="img"
        aria-label=${summary(full)}
      >
        ${axes()} ${full.map(gap)} ${full.map((bin) => dot(bin, Math.max(...full.map(({ n }) => n))))}
      </svg>
      <figcaption class="quiet">${reliability.caption}</figcaption>
      <tone-arm-table numbers .name=${reliability.name} .table=${guard([this.bins], () => () => this.#table())}></tone-arm-table>
    </figure>`;
  }

  #table(): Table {
    const { reliability, none } = texts.report;
    const rows = this.bins.map(({ n, confidence, accuracy }, i) => [
      reliability.range(i / this.bins.length, (i + 1) / this.bins.length),
      n,
      n > 0 ? percentOfFiles(confidence, n) : none,
      n > 0 ? percentOfFiles(accuracy, n) : none,
    ]);
    return { headings: reliability.columns, rows };
  }
}

function x(fraction: number): number {
  return MARGIN.start + fraction * SIDE;
}

function y(fraction: number): number {
  return MARGIN.top + (1 - fraction) * SIDE;
}

function axes() {
  const { reliability } = texts.report;
  const middle = MARGIN.top + SIDE / 2;
  return svg`
    ${TICKS.map(
      (tick) => svg`
        <line class="grid" x1=${x(tick)} x2=${x(tick)} y1=${y(0)} y2=${y(1)} />
        <line class="grid" x1=${x(0)} x2=${x(1)} y1=${y(tick)} y2=${y(tick)} />
        <text x=${x(tick)} y=${y(0) + 18} text-anchor="middle">${tick * 100}</text>
        <text x=${x(0) - 8} y=${y(tick) + 4} text-anchor="end">${tick * 100}</text>`,
    )}
    <line class="diagonal" x1=${x(0)} y1=${y(0)} x2=${x(1)} y2=${y(1)} />
    <text x=${x(0.5)} y=${y(0) + 38} text-anchor="middle">${reliability.confidenceAxis}</text>
    <text x="12" y=${middle} text-anchor="middle" transform=${`rotate(-90 12 ${middle})`}>${reliability.accuracyAxis}</text>`;
}

/** A line from the confidence of a bin, on the diagonal, to its accuracy. */
function gap({ confidence, accuracy }: ReliabilityBin) {
  return svg`<line class="gap" x1=${x(confidence)} x2=${x(confidence)} y1=${y(confidence)} y2=${y(accuracy)} />`;
}

/** A dot whose area is proportional to the number of files. */
function dot({ n, confidence, accuracy }: ReliabilityBin, maxFiles: number) {
  const radius = Math.max(RADIUS.min, Math.sqrt(n / maxFiles) * RADIUS.max);
  return svg`<circle cx=${x(confidence)} cy=${y(accuracy)} r=${radius} />`;
}

function summary(bins: ReliabilityBin[]): string {
  const count = (is: (bin: ReliabilityBin) => boolean) => bins.filter(is).reduce((sum, { n }) => sum + n, 0);
  const above = count(({ confidence, accuracy }) => accuracy > confidence);
  const below = count(({ confidence, accuracy }) => accuracy < confidence);
  return texts.report.reliability.summary(above, below, count(() => true));
}

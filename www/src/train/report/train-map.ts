import { LitElement, type PropertyValues, css, html, nothing, svg } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { keyed } from 'lit/directives/keyed.js';
import 'tonearm/element';
import type { Row, Table } from 'tonearm/element';
import type { FilePrediction, ProjectFile, TrainResult } from 'tonearm/project';
import { focusRing, narrow } from '../../shared/shared-styles.js';
import { topPrediction } from './predictions.js';
import { type MapPoint, mapPoints, markPath, nearestPoint, pointByKey } from './map-points.js';
import { playButton } from './play-button.js';
import { reportStyles } from './report-styles.js';
import { texts } from '../../texts/texts.js';

/** Side of the map, in SVG units. */
const SIZE = 480;

/** Margin around the points, so that marks at the edge are not clipped. */
const MARGIN = 20;

/** Radius of the marks, in SVG units. */
const RADIUS = { validation: 6, training: 4 };

/** Maximum number of files that the core maps by t-SNE. It maps more files by PCA. */
const TSNE_LIMIT = 1500;

/** Maximum distance between the pointer and a file, as a fraction of the map. */
const HIT_DISTANCE = 16 / SIZE;

/**
 * `<train-map>`: a map of the embeddings of a run's files, where similar files are near each other.
 *
 * @fires play-file - `detail` is the index of a file to play or, if it is playing, to stop.
 */
@customElement('train-map')
export class TrainMap extends LitElement {
  static override styles = [
    focusRing,
    reportStyles,
    css`
      :host { container-type: inline-size; }
      .beside { display: grid; grid-template-columns: minmax(0, ${SIZE}px) minmax(0, 1fr); gap: var(--_space-4) var(--_space-6); align-items: start; margin-block-end: var(--_space-2); }
      .map { position: relative; aspect-ratio: 1; border-radius: var(--_radius); box-shadow: inset 0 0 0 1px var(--_line); }
      .map.hovering { cursor: pointer; }
      svg { display: block; inline-size: 100%; block-size: 100%; overflow: visible; }
      .training { fill: none; stroke-width: 1.5; }
      .validation { stroke: var(--_paper); stroke-width: 1; }
      .ring { fill: none; stroke: var(--_ink); stroke-width: 2; }
      [role='option'] { position: absolute; inline-size: 24px; block-size: 24px; margin: -12px; }
      .legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: var(--_space-1) var(--_space-4); }
      .legend li { display: flex; align-items: center; gap: var(--_space-2); min-inline-size: 0; overflow-wrap: anywhere; }
      .legend svg { inline-size: 16px; block-size: 16px; flex: none; }
      .words { display: grid; gap: var(--_space-4); }
      /* Space for the longest text, so that the content below does not move. */
      .readout { min-block-size: 4.5em; overflow-wrap: anywhere; }
      .readout b { display: block; font-weight: 600; }
      .grey { color: var(--_quiet); }
      @container ${narrow} { .beside { grid-template-columns: minmax(0, 1fr); } .readout { order: -1; } }
    `,
  ];

  @property({ attribute: false }) result: TrainResult | null = null;
  @property({ attribute: false }) files: ProjectFile[] = [];
  @property({ attribute: false }) labels: string[] = [];
  /** Whether the files are rows of a table. */
  @property({ type: Boolean }) rows = false;
  /** CSS colours of the classes. If there are more classes than colours, the colours repeat with other shapes. */
  @property({ attribute: false }) colours: readonly string[] = [];
  /** Index of the file that is playing. */
  @property({ attribute: false }) playing: number | undefined;
  /** Index of the point that the keyboard has selected. */
  @state() private current = 0;
  @state() private focused = false;
  @state() private hovered: MapPoint | undefined;
  @query('.map') private mapImage!: HTMLElement;
  #points: MapPoint[] = [];
  /** Predictions, by file index. */
  #predictions = new Map<number, FilePrediction>();

  protected override willUpdate(changed: PropertyValues<this>) {
    if (!changed.has('result') && !changed.has('files')) return;
    this.#points = this.result ? mapPoints(this.result, this.files) : [];
    this.#predictions = new Map(this.result?.predictions.map((prediction) => [prediction.file, prediction]));
    this.current = 0;
    this.hovered = undefined;
  }

  protected override render() {
    const points = this.#points;
    if (points.length === 0) return nothing;
    const { map } = texts.report;
    return html`
      <div class="beside">
        ${this.#mapImage()}
        <div class="words">
          <p class="quiet">${this.rows ? map.rows : map.files} ${(this.result?.coordinates.length ?? 0) > TSNE_LIMIT ? map.principalAxes : nothing}</p>
          ${this.#legend()}
          <p class="readout">${this.#readout()}</p>
        </div>
      </div>
      <tone-arm-table .name=${map.name} .table=${guard([points, this.labels, this.playing], () => () => this.#table())}></tone-arm-table>
    `;
  }

  #mapImage() {
    const shown = this.#shown();
    return html`<div
      class="map ${this.hovered ? 'hovering' : ''}"
      role="listbox"
      tabindex="0"
      aria-label=${texts.report.map.name}
      aria-activedescendant=${`point-${this.#points[this.current]?.file}`}
      @keydown=${this.#onKey}
      @focus=${() => (this.focused = true)}
      @blur=${() => (this.focused = false)}
      @pointermove=${this.#onPointer}
      @pointerleave=${() => (this.hovered = undefined)}
      @click=${this.#onClick}
    >
      <svg viewBox="0 0 ${SIZE} ${SIZE}" aria-hidden="true">
        ${guard([this.#points, this.colours], () => this.#marks())}
        ${shown ? svg`<circle class="ring" cx=${toSvg(shown.x)} cy=${toSvg(shown.y)} r="10" />` : nothing}
      </svg>
      ${this.#option()}
    </div>`;
  }

  /** The option of the current point. It is the only one in the DOM, and its id changes with the point, so that screen readers announce it. */
  #option() {
    const point = this.#points[this.current];
    if (!point) return nothing;
    const position = `left:${(toSvg(point.x) / SIZE) * 100}%;top:${(toSvg(point.y) / SIZE) * 100}%`;
    return keyed(
      point.file,
      html`<div
        role="option"
        id=${`point-${point.file}`}
        aria-selected="true"
        aria-posinset=${this.current + 1}
        aria-setsize=${this.#points.length}
        aria-label=${texts.report.map.option(this.#name(point), this.#facts(point))}
        .style=${position}
      ></div>`,
    );
  }

  /** Draws one path per class, because a table can have tens of thousands of points. Validation files are drawn on top. */
  #marks() {
    return (['training', 'validation'] as const).flatMap((set) =>
      this.labels.map((_, label) => {
        const points = this.#points.filter((point) => point.class === label && point.isValidation === (set === 'validation'));
        const mark = ({ x, y }: MapPoint) => markPath(this.#round(label), toSvg(x), toSvg(y), RADIUS[set]);
        return svg`<path class=${set} d=${points.map(mark).join('')} .style=${`${set === 'validation' ? 'fill' : 'stroke'}:${this.#colour(label)}`} />`;
      }),
    );
  }

  #legend() {
    const { map } = texts.report;
    const n = this.#points.filter(({ isValidation }) => isValidation).length;
    const icon = (round: number, set: 'training' | 'validation', style: string) =>
      html`<svg viewBox="0 0 16 16" aria-hidden="true">${svg`<path class=${set === 'training' ? set : ''} d=${markPath(round, 8, 8, RADIUS[set])} .style=${style} />`}</svg>`;
    return html`<ul class="legend">
        ${this.labels.map((label, i) => html`<li>${icon(this.#round(i), 'validation', `fill:${this.#colour(i)}`)}${label}</li>`)}
      </ul>
      <ul class="legend grey">
        ${n > 0 ? html`<li>${icon(0, 'validation', 'fill:currentColor')}${map.validationCount(n)}</li>` : nothing}
        ${n < this.#points.length ? html`<li>${icon(0, 'training', 'stroke:currentColor')}${map.trainingCount(this.#points.length - n)}</li>` : nothing}
      </ul>`;
  }

  #readout() {
    const shown = this.#shown();
    if (!shown) return html`<span class="quiet">${texts.report.map.hint}</span>`;
    return html`<b>${this.#name(shown)}</b> ${this.#facts(shown)}`;
  }

  #table(): Table {
    return { headings: texts.report.map.columns, rows: this.#points.map((point) => () => this.#row(point)) };
  }

  #row(point: MapPoint): Row {
    const name = this.#name(point);
    const nearest = nearestPoint(this.#points, point.x, point.y, Infinity, point);
    return [
      name,
      playButton(name, point.file === this.playing, () => this.#playFile(point)),
      this.labels[point.class] ?? '',
      point.isValidation ? texts.report.map.validation : texts.report.map.training,
      this.#prediction(point) ?? texts.report.none,
      nearest ? this.#name(nearest) : texts.report.none,
    ];
  }

  /** The point under the pointer, or else the one that the keyboard has selected. */
  #shown(): MapPoint | undefined {
    return this.hovered ?? (this.focused ? this.#points[this.current] : undefined);
  }

  #name({ file }: MapPoint): string {
    return this.files[file]?.name ?? texts.report.unknownFile(file);
  }

  #facts(point: MapPoint): string {
    const { validation, training, facts } = texts.report.map;
    const parts = [this.labels[point.class], point.isValidation ? validation : training, this.#prediction(point)];
    return facts(parts.filter((part) => part !== undefined));
  }

  #prediction({ file }: MapPoint): string | undefined {
    const prediction = this.#predictions.get(file);
    if (!prediction) return undefined;
    const { predicted, confidence } = topPrediction(prediction);
    return texts.report.map.prediction(this.labels[predicted] ?? '', confidence);
  }

  #colour(label: number): string {
    return this.colours[label % (this.colours.length || 1)] ?? 'currentColor';
  }

  /** Number of times that the colours repeated before this class. */
  #round(label: number): number {
    return Math.floor(label / (this.colours.length || 1));
  }

  #onKey = (event: KeyboardEvent) => {
    const point = this.#points[this.current];
    const to = pointByKey(this.#points, this.current, event.key);
    const chosen = event.key === 'Enter' || event.key === ' ';
    if (to === undefined && !chosen) return;
    event.preventDefault();
    this.hovered = undefined;
    if (to !== undefined) this.current = to;
    else if (point) this.#playFile(point);
  };

  #onPointer = (event: MouseEvent) => {
    this.hovered = this.#pointAt(event);
  };

  #onClick = (event: MouseEvent) => {
    // On touch screens, `pointerleave` has already reset `hovered`.
    const point = this.#pointAt(event);
    if (!point) return;
    this.current = this.#points.indexOf(point);
    this.#playFile(point);
  };

  #pointAt({ clientX, clientY }: MouseEvent): MapPoint | undefined {
    const { left, top, width } = this.mapImage.getBoundingClientRect();
    const fromPixels = (pixels: number) => ((pixels / width) * SIZE - MARGIN) / (SIZE - 2 * MARGIN);
    return nearestPoint(this.#points, fromPixels(clientX - left), fromPixels(clientY - top), HIT_DISTANCE);
  }

  #playFile({ file }: MapPoint) {
    this.dispatchEvent(new CustomEvent('play-file', { detail: file }));
  }
}

/** Converts a map coordinate in 0..1 to SVG units. */
function toSvg(coordinate: number): number {
  return MARGIN + coordinate * (SIZE - 2 * MARGIN);
}

import { LitElement, type PropertyValues, css, html, nothing, svg } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { keyed } from 'lit/directives/keyed.js';
import 'tonearm/element';
import type { Row, Table } from 'tonearm/element';
import type { FileAnswer, ProjectFile, TrainResult } from 'tonearm/project';
import { focusRing } from '../../shared/shared-styles.js';
import { topOf } from './predictions.js';
import { type MapPoint, mapPoints, markPath, nearestPoint, pointByKey } from './map-points.js';
import { playButton } from '../classes/play-button.js';
import { seeingStyles } from './report-styles.js';
import { seeingTexts } from './report-texts.js';

/** Side of the picture, in its own pixels; CSS scales it. */
const SIZE = 480;

/** Free rim around the files, so that a mark at the edge is whole. */
const RIM = 20;

/** Radius of the mark of a file that was kept back, and of one learned from. */
const RADIUS = { kept: 6, learned: 4 };

/** Most files that the core draws by t-SNE. */
const MANY = 1500;

/** How near the pointer must come to a file, as a share of the picture. */
const REACH = 16 / SIZE;

/**
 * `<train-map>`: the files of a run, those that sound alike near each other.
 *
 * @fires hear-file - `detail` is the place of a file.
 */
@customElement('train-map')
export class TrainMap extends LitElement {
  static override styles = [
    focusRing,
    seeingStyles,
    css`
      :host { container-type: inline-size; }
      .beside { display: grid; grid-template-columns: minmax(0, ${SIZE}px) minmax(0, 1fr); gap: 16px 24px; align-items: start; margin-block-end: 8px; }
      .picture { position: relative; aspect-ratio: 1; border-radius: 8px; box-shadow: inset 0 0 0 1px var(--line); }
      .picture.pointed { cursor: pointer; }
      svg { display: block; inline-size: 100%; block-size: 100%; overflow: visible; }
      .learned { fill: none; stroke-width: 1.5; }
      .kept { stroke: var(--paper); stroke-width: 1; }
      .ring { fill: none; stroke: var(--ink); stroke-width: 2; }
      [role='option'] { position: absolute; inline-size: 24px; block-size: 24px; margin: -12px; }
      .legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 16px; }
      .legend li { display: flex; align-items: center; gap: 8px; min-inline-size: 0; overflow-wrap: anywhere; }
      .legend svg { inline-size: 16px; block-size: 16px; flex: none; }
      .words { display: grid; gap: 16px; }
      /* Room for the longest text, so that nothing below moves. */
      .readout { min-block-size: 4.5em; overflow-wrap: anywhere; }
      .readout b { display: block; font-weight: 600; }
      .grey { color: var(--quiet); }
      @container (max-width: 680px) { .beside { grid-template-columns: minmax(0, 1fr); } .readout { order: -1; } }
    `,
  ];

  @property({ attribute: false }) result: TrainResult | null = null;
  @property({ attribute: false }) files: ProjectFile[] = [];
  @property({ attribute: false }) labels: string[] = [];
  /** Whether they are rows of a table. */
  @property({ type: Boolean }) rows = false;
  /** CSS colours of the classes, in their order; with more classes the colours come again with another shape. */
  @property({ attribute: false }) colours: readonly string[] = [];
  /** The file that is heard now. */
  @property({ attribute: false }) hearing: number | undefined;
  /** Where the keyboard stands, a place in the points. */
  @state() private current = 0;
  @state() private focused = false;
  @state() private pointed: MapPoint | undefined;
  @query('.picture') private picture!: HTMLElement;
  #points: MapPoint[] = [];
  /** By file. */
  #answers = new Map<number, FileAnswer>();

  protected override willUpdate(changed: PropertyValues<this>) {
    if (!changed.has('result') && !changed.has('files')) return;
    this.#points = this.result ? mapPoints(this.result, this.files) : [];
    this.#answers = new Map(this.result?.answers.map((answer) => [answer.file, answer]));
    this.current = 0;
    this.pointed = undefined;
  }

  protected override render() {
    const points = this.#points;
    if (points.length === 0) return nothing;
    const { map } = seeingTexts;
    return html`
      <div class="beside">
        ${this.#picture()}
        <div class="words">
          <p class="quiet">${map.what(this.rows)} ${(this.result?.places.length ?? 0) > MANY ? map.many : nothing}</p>
          ${this.#legend()}
          <p class="readout">${this.#readout()}</p>
        </div>
      </div>
      <tone-arm-table .name=${map.name} .table=${guard([points, this.labels, this.hearing], () => () => this.#table())}></tone-arm-table>
    `;
  }

  #picture() {
    const shown = this.#shown();
    return html`<div
      class="picture ${this.pointed ? 'pointed' : ''}"
      role="listbox"
      tabindex="0"
      aria-label=${seeingTexts.map.name}
      aria-activedescendant=${`point-${this.#points[this.current]?.file}`}
      @keydown=${this.#onKey}
      @focus=${() => (this.focused = true)}
      @blur=${() => (this.focused = false)}
      @pointermove=${this.#onPointer}
      @pointerleave=${() => (this.pointed = undefined)}
      @click=${this.#onClick}
    >
      <svg viewBox="0 0 ${SIZE} ${SIZE}" aria-hidden="true">
        ${guard([this.#points, this.colours], () => this.#marks())}
        ${shown ? svg`<circle class="ring" cx=${inPicture(shown.x)} cy=${inPicture(shown.y)} r="10" />` : nothing}
      </svg>
      ${this.#option()}
    </div>`;
  }

  /** The one option that is there, of all points; its id changes with it, so that it is spoken. */
  #option() {
    const point = this.#points[this.current];
    if (!point) return nothing;
    const at = `left:${(inPicture(point.x) / SIZE) * 100}%;top:${(inPicture(point.y) / SIZE) * 100}%`;
    return keyed(
      point.file,
      html`<div
        role="option"
        id=${`point-${point.file}`}
        aria-selected="true"
        aria-posinset=${this.current + 1}
        aria-setsize=${this.#points.length}
        aria-label=${`${this.#name(point)}: ${this.#facts(point)}`}
        .style=${at}
      ></div>`,
    );
  }

  /** One path for the points of a class, as a table has tens of thousands; those kept back lie on top. */
  #marks() {
    return [false, true].flatMap((kept) =>
      this.labels.map((_, label) => {
        const points = this.#points.filter((point) => point.class === label && point.kept === kept);
        const mark = ({ x, y }: MapPoint) => markPath(this.#round(label), inPicture(x), inPicture(y), kept ? RADIUS.kept : RADIUS.learned);
        return svg`<path class=${kept ? 'kept' : 'learned'} d=${points.map(mark).join('')} .style=${`${kept ? 'fill' : 'stroke'}:${this.#colour(label)}`} />`;
      }),
    );
  }

  #legend() {
    const { map } = seeingTexts;
    const n = this.#points.filter(({ kept }) => kept).length;
    const icon = (round: number, kept: boolean, style: string) =>
      html`<svg viewBox="0 0 16 16" aria-hidden="true">${svg`<path class=${kept ? '' : 'learned'} d=${markPath(round, 8, 8, kept ? RADIUS.kept : RADIUS.learned)} .style=${style} />`}</svg>`;
    return html`<ul class="legend">
        ${this.labels.map((label, i) => html`<li>${icon(this.#round(i), true, `fill:${this.#colour(i)}`)}${label}</li>`)}
      </ul>
      <ul class="legend grey">
        ${n > 0 ? html`<li>${icon(0, true, 'fill:currentColor')}${map.kept(n)}</li>` : nothing}
        ${n < this.#points.length ? html`<li>${icon(0, false, 'stroke:currentColor')}${map.learned(this.#points.length - n)}</li>` : nothing}
      </ul>`;
  }

  #readout() {
    const shown = this.#shown();
    if (!shown) return html`<span class="quiet">${seeingTexts.map.hint}</span>`;
    return html`<b>${this.#name(shown)}</b> ${this.#facts(shown)}`;
  }

  #table(): Table {
    return { headings: seeingTexts.map.columns, rows: this.#points.map((point) => () => this.#row(point)) };
  }

  #row(point: MapPoint): Row {
    const name = this.#name(point);
    const nearest = nearestPoint(this.#points, point.x, point.y, Infinity, point);
    return [
      name,
      playButton(name, point.file === this.hearing, () => this.#hear(point)),
      this.labels[point.class] ?? '',
      point.kept ? seeingTexts.map.keptOne : seeingTexts.map.learnedOne,
      this.#answer(point) ?? seeingTexts.none,
      nearest ? this.#name(nearest) : seeingTexts.none,
    ];
  }

  /** The point under the pointer, or else at which the keyboard stands. */
  #shown(): MapPoint | undefined {
    return this.pointed ?? (this.focused ? this.#points[this.current] : undefined);
  }

  #name({ file }: MapPoint): string {
    return this.files[file]?.name ?? seeingTexts.unknownFile(file);
  }

  #facts(point: MapPoint): string {
    const { keptOne, learnedOne } = seeingTexts.map;
    const parts = [this.labels[point.class], point.kept ? keptOne : learnedOne, this.#answer(point)];
    return parts.filter((part) => part !== undefined).join(', ');
  }

  #answer({ file }: MapPoint): string | undefined {
    const found = this.#answers.get(file);
    if (!found) return undefined;
    const { answer, confidence } = topOf(found);
    return seeingTexts.map.answer(this.labels[answer] ?? '', confidence);
  }

  #colour(label: number): string {
    return this.colours[label % (this.colours.length || 1)] ?? 'currentColor';
  }

  /** How often the colours were used up before this class. */
  #round(label: number): number {
    return Math.floor(label / (this.colours.length || 1));
  }

  #onKey = (event: KeyboardEvent) => {
    const point = this.#points[this.current];
    const to = pointByKey(this.#points, this.current, event.key);
    const chosen = event.key === 'Enter' || event.key === ' ';
    if (to === undefined && !chosen) return;
    event.preventDefault();
    this.pointed = undefined;
    if (to !== undefined) this.current = to;
    else if (point) this.#hear(point);
  };

  #onPointer = (event: MouseEvent) => {
    this.pointed = this.#pointAt(event);
  };

  #onClick = (event: MouseEvent) => {
    // A finger has left by now, so what was pointed at is not known any more.
    const point = this.#pointAt(event);
    if (!point) return;
    this.current = this.#points.indexOf(point);
    this.#hear(point);
  };

  #pointAt({ clientX, clientY }: MouseEvent): MapPoint | undefined {
    const { left, top, width } = this.picture.getBoundingClientRect();
    const share = (at: number) => ((at / width) * SIZE - RIM) / (SIZE - 2 * RIM);
    return nearestPoint(this.#points, share(clientX - left), share(clientY - top), REACH);
  }

  #hear({ file }: MapPoint) {
    this.dispatchEvent(new CustomEvent('hear-file', { detail: file }));
  }
}

/** From a share to the picture's own pixels. */
function inPicture(share: number): number {
  return RIM + share * (SIZE - 2 * RIM);
}

import { LitElement, type PropertyValues, css, html, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { mapScale } from './map-scale.js';
import { genresTable, neighboursTable } from './map-tables.js';
import { autoDirection, genreColour, narrow } from '../shared-styles.js';
import { texts } from '../../text/texts.js';
import { EMPTY_TABLE, type Table, tablesStyles } from '../tone-arm-table.js';
import type { MapPosition, TrackMap } from '../../types.js';

/** Size of the canvas, in pixels; CSS scales it. */
const SIZE = 640;

/** Padding around the tracks, in pixels, so that a mark at the edge is not cut off. */
const PADDING = 16;

/** Greatest distance of the pointer from a track that it points at, as a fraction of the width. */
const REACH = 0.03;

/** `<tone-arm-map>`: a scatter plot of the training tracks, similar ones close together, with a mark for the current track. Hovering over a track shows its genre. */
export class ToneArmMap extends LitElement {
  static override styles = [
    autoDirection,
    tablesStyles,
    css`
      :host { display: block; font-size: var(--_text-small); color: var(--_quiet); }
      h3 { margin: 0 0 var(--_space-2); font: inherit; line-height: 24px; color: var(--_ink); }
      .beside > * { min-inline-size: 0; }
      .beside { display: grid; grid-template-columns: minmax(0, 320px) minmax(0, 1fr); gap: var(--_space-4) var(--_space-6); align-items: start; }
      .map { position: relative; background: var(--_well); border-radius: var(--_radius); aspect-ratio: 1; }
      canvas { display: block; inline-size: 100%; block-size: 100%; }
      .mark { position: absolute; inline-size: 18px; block-size: 18px; margin: -9px; border: 3px solid var(--_ink); border-radius: 50%; box-sizing: border-box; box-shadow: 0 0 0 2px var(--_well), inset 0 0 0 2px var(--_well); }
      .pointed { position: absolute; inline-size: 12px; block-size: 12px; margin: -6px; border: 2px solid var(--_ink); border-radius: 50%; box-sizing: border-box; pointer-events: none; }
      ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: var(--_space-1) var(--_space-4); }
      li { display: flex; align-items: center; gap: var(--_space-2); min-inline-size: 0; overflow-wrap: anywhere; }
      .dot { inline-size: 10px; block-size: 10px; border-radius: 50%; flex: none; }
      p { margin: var(--_space-4) 0 0; }
      .tables { margin-block-start: var(--_space-2); }
      /* Reserves space for the sentence, so that nothing moves when it appears. */
      .nearest { min-block-size: 4.5em; }
      .genre-of-point { min-block-size: 1.5em; }
      b { font-weight: 600; color: var(--_ink); }
      @container ${narrow} { .beside { grid-template-columns: minmax(0, 1fr); } }
    `,
  ];

  @property({ attribute: false }) map?: TrackMap;
  @property({ attribute: false }) labels: string[] = [];
  @property({ attribute: false }) position?: MapPosition | null;
  /** Theme of the drawing, which is repeated when it changes. */
  @property() theme: 'light' | 'dark' = 'light';
  @query('canvas') private canvas?: HTMLCanvasElement;
  /** Index of the track below the pointer; -1 for none. */
  @state() private pointed = -1;
  /** Positions of the tracks on the drawing, as fractions from the left and from the top, `[nTracks][2]`. */
  #positions = new Float32Array();

  protected override willUpdate(changed: PropertyValues<this>) {
    if (!changed.has('map')) return;
    this.pointed = -1;
    this.#positions = new Float32Array(this.map?.coordinates.length ?? 0);
    if (!this.map) return;
    const { coordinates } = this.map;
    const toFractions = drawingScale(this.map);
    for (let i = 0; i + 1 < coordinates.length; i += 2) this.#positions.set(toFractions(coordinates[i] ?? 0, coordinates[i + 1] ?? 0), i);
  }

  protected override render() {
    const { map, position } = this;
    if (!map) return nothing;
    const counts = position ? genreCounts(position) : [];
    return html`
      <h3>${texts.map}</h3>
      <div class="beside">
        <div
          class="map"
          role="img"
          aria-label=${position ? texts.mapDescription(counts) : texts.map}
          @pointermove=${this.#onMove}
          @pointerdown=${this.#onMove}
          @pointerleave=${() => (this.pointed = -1)}
        >
          <canvas width=${SIZE} height=${SIZE}></canvas>
          ${position ? html`<span class="mark" .style=${at(drawingScale(map)(position.x, position.y))}></span>` : nothing}
          ${this.pointed < 0 ? nothing : html`<span class="pointed" .style=${at(this.#position(this.pointed))}></span>`}
        </div>
        <div>
          <ul>
            ${this.labels.map((label, index) => html`<li><span class="dot" .style=${`background:${genreColour(index)}`}></span>${label}</li>`)}
          </ul>
          <p>${texts.mapNote(map.labels.length)}</p>
          <p class="genre-of-point">${this.pointed < 0 ? texts.mapHint : texts.mapTrack(this.labels[map.labels[this.pointed] ?? 0] ?? '')}</p>
          <p class="nearest">${position && html`<b>${texts.similarTracks(counts, position.neighbours.length)}</b> ${position.outOfDistribution ? texts.mapUnreliable : nothing}`}</p>
        </div>
      </div>
      <div class="tables">
        ${this.#table(texts.tables.neighbours, (position) => neighboursTable(position))}
        ${this.#table(texts.tables.genres, (position) => genresTable(map, this.labels, position))}
      </div>
    `;
  }

  #table(name: string, tableOf: (position: MapPosition) => Table) {
    const { position } = this;
    return html`<tone-arm-table
      part="table"
      exportparts="button"
      class=${position ? '' : 'waiting'}
      .name=${name}
      .table=${guard([this.map, this.labels, position], () => () => (position ? tableOf(position) : EMPTY_TABLE))}
    ></tone-arm-table>`;
  }

  protected override updated(changed: Map<string, unknown>) {
    if (changed.has('map') || changed.has('labels') || changed.has('theme')) this.#draw();
  }

  #position(track: number): [number, number] {
    return [this.#positions[2 * track] ?? 0, this.#positions[2 * track + 1] ?? 0];
  }

  #onMove = (event: PointerEvent) => {
    const { left, top, width, height } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const [x, y] = [(event.clientX - left) / width, (event.clientY - top) / height];
    let [nearest, distance] = [-1, REACH];
    for (let track = 0; track < this.#positions.length / 2; track++) {
      const [trackX, trackY] = this.#position(track);
      const away = Math.hypot(trackX - x, trackY - y);
      if (away < distance) [nearest, distance] = [track, away];
    }
    this.pointed = nearest;
  };

  #draw() {
    const context = this.canvas?.getContext('2d');
    if (!context || !this.map) return;
    const { labels } = this.map;
    // A canvas cannot resolve the custom properties of the palette, so the colours are read from the legend.
    const dots = [...this.renderRoot.querySelectorAll<HTMLElement>('.dot')];
    const colours = dots.map((dot) => getComputedStyle(dot).backgroundColor);
    context.clearRect(0, 0, SIZE, SIZE);
    context.globalAlpha = 0.55;
    // The tracks are drawn colour by colour, since setting `fillStyle` for each track is slower than drawing it.
    colours.forEach((colour, label) => {
      context.fillStyle = colour;
      for (let track = 0; track < labels.length; track++) {
        if (labels[track] !== label) continue;
        const [x, y] = this.#position(track);
        context.fillRect(x * SIZE - 1.5, y * SIZE - 1.5, 3, 3);
      }
    });
  }
}

/** Style that positions a mark. It uses `left`, since the map is not mirrored on right-to-left pages. */
function at([x, y]: [number, number]): string {
  return `left:${x * 100}%;top:${y * 100}%`;
}

/** Returns a function that converts the coordinates of a map to fractions of the drawing, which has a padding. */
function drawingScale({ coordinates }: TrackMap): (x: number, y: number) => [number, number] {
  const toSquare = mapScale(coordinates);
  const padded = (fraction: number) => (PADDING + fraction * (SIZE - 2 * PADDING)) / SIZE;
  return (x, y) => {
    const [fromLeft, fromTop] = toSquare(x, y);
    return [padded(fromLeft), padded(fromTop)];
  };
}

/** Number of neighbours per genre, the most frequent first. */
function genreCounts({ neighbours }: MapPosition): [string, number][] {
  const counts = new Map<string, number>();
  for (const { label } of neighbours) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

if (!customElements.get('tone-arm-map')) customElements.define('tone-arm-map', ToneArmMap);

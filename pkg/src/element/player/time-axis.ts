import { type TemplateResult, css, html } from 'lit';
import { tiny } from '../shared-styles.js';
import { clock } from '../../text/format.js';

/** Possible distances between ticks, in seconds. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/** Most ticks, so that their labels do not overlap on a phone. */
const MAX_TICKS = 7;

export const timeAxisStyles = css`
  .axis { direction: ltr; position: relative; block-size: 20px; margin: var(--_space-1) 0 0; font-size: var(--_text-tiny); color: var(--_quiet); font-variant-numeric: tabular-nums; }
  .axis span { position: absolute; inset-block-start: 0; transform: translateX(-50%); }
  .axis span:first-child { transform: none; }
  @container ${tiny} { .axis span:nth-child(even) { display: none; } }
`;

/** Time axis below the graphics. */
export function timeAxis(seconds: number): TemplateResult {
  const ticks = seconds > 0 ? ticksOf(seconds) : [];
  return html`<div class="axis" aria-hidden="true">
    ${ticks.map((tick) => html`<span .style=${`left:${(tick / seconds) * 100}%`}>${clock(tick)}</span>`)}
  </div>`;
}

function ticksOf(seconds: number): number[] {
  const step = STEPS.find((length) => seconds / length < MAX_TICKS) ?? Math.ceil(seconds / MAX_TICKS / 3600) * 3600;
  const ticks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step);
  // A label at the very end would extend beyond the edge.
  return ticks.filter((tick) => tick <= seconds * 0.97);
}

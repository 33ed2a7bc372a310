import { css } from 'lit';
import { viewHeading, visuallyHidden } from '../shared/shared-styles.js';

/** Styles of `<train-view>` and of the templates that it renders. */
export const trainViewStyles = css`
  /* Breaks words that are longer than a line, here and in all children. */
  :host { display: block; overflow-wrap: break-word; }
  :host([hidden]) { display: none; }
  ${viewHeading}
  .lead { max-inline-size: 68ch; font-size: var(--_text-lead); }
  .options { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(220px, 100%), 1fr)); gap: var(--_space-6); margin-block: var(--_space-8); }
  .options div { display: grid; gap: var(--_space-2); justify-items: start; align-content: start; }
  .bar { padding-block-end: var(--_space-4); border-block-end: 1px solid var(--_line); margin-block-end: var(--_space-6); }
  .bar .name { font-weight: 600; flex: 0 1 320px; min-inline-size: 0; }
  .bar details { margin-block-start: var(--_space-2); }
  .bar details .row { margin-block: var(--_space-2); }
  .bar summary { cursor: pointer; color: var(--_quiet); font-size: var(--_text-small); inline-size: fit-content; line-height: 32px; border-radius: var(--_radius-small); }
  .bar summary:hover { color: var(--_ink); }
  h2:focus, .cards:focus { outline-offset: 8px; border-radius: var(--_radius-small); }
  .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); gap: var(--_space-4); margin-block-end: var(--_space-4); }
  /* Takes up its space even when empty, so that the content below does not move. */
  .importing { display: flex; gap: var(--_space-2) var(--_space-4); align-items: center; min-block-size: var(--_control); font-size: var(--_text-small); color: var(--_quiet); margin-block: var(--_space-2) -16px; font-variant-numeric: tabular-nums; }
  .importing p { margin: 0; min-inline-size: 0; overflow-wrap: anywhere; }
  .note { padding: var(--_space-3) var(--_space-4); border-radius: var(--_radius); background: var(--_well); margin-block-end: var(--_space-4); display: flex; flex-wrap: wrap; gap: var(--_space-2) var(--_space-4); align-items: center; }
  .note p { margin: 0; }
  ul.failed-files { margin: 0; padding-inline-start: var(--_space-5); font-size: var(--_text-small); inline-size: 100%; overflow-wrap: anywhere; }
  progress { inline-size: 100%; accent-color: var(--_accent); block-size: 8px; }
  .live { display: grid; gap: var(--_space-2); margin-block-end: var(--_space-4); }
  .facts { font-variant-numeric: tabular-nums; margin: 0; }
  .hidden { display: none; }
  ${visuallyHidden}
  label.check { display: flex; gap: var(--_space-2); align-items: center; font-size: var(--_text-small); }
`;

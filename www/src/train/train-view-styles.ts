import { css } from 'lit';
import { visuallyHidden } from '../shared/shared-styles.js';

/** Styles of `<train-view>` and of the templates that it renders. */
export const trainViewStyles = css`
  :host { display: block; }
  :host([hidden]) { display: none; }
  h1 { font-size: clamp(28px, 5vw, 40px); line-height: 1.2; letter-spacing: -0.02em; font-weight: 700; margin: 24px 0 16px; }
  .lead { max-inline-size: 68ch; font-size: 18px; }
  .options { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(220px, 100%), 1fr)); gap: 24px; margin-block: 32px; }
  .options div { display: grid; gap: 8px; justify-items: start; align-content: start; }
  .bar { padding-block-end: 16px; border-block-end: 1px solid var(--line); margin-block-end: 24px; }
  .bar .name { font-weight: 600; flex: 0 1 320px; min-inline-size: 0; }
  .bar details { margin-block-start: 8px; }
  .bar details .row { margin-block: 8px; }
  .bar summary { cursor: pointer; color: var(--quiet); font-size: 14px; inline-size: fit-content; line-height: 32px; border-radius: 4px; }
  .bar summary:hover { color: var(--ink); }
  h2:focus, .cards:focus { outline-offset: 8px; border-radius: 4px; }
  .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); gap: 16px; margin-block-end: 16px; }
  /* Takes up its space even when empty, so that the content below does not move. */
  .importing { display: flex; gap: 8px 16px; align-items: center; min-block-size: 40px; font-size: 14px; color: var(--quiet); margin-block: 8px -16px; font-variant-numeric: tabular-nums; }
  .importing p { margin: 0; min-inline-size: 0; overflow-wrap: anywhere; }
  .note { padding: 12px 16px; border-radius: 8px; background: var(--well); margin-block-end: 16px; display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; }
  .note p { margin: 0; }
  ul.failed-files { margin: 0; padding-inline-start: 20px; font-size: 14px; inline-size: 100%; overflow-wrap: anywhere; }
  progress { inline-size: 100%; accent-color: var(--accent); block-size: 8px; }
  .live { display: grid; gap: 8px; margin-block-end: 16px; }
  .facts { font-variant-numeric: tabular-nums; margin: 0; }
  .hidden { display: none; }
  ${visuallyHidden}
  label.check { display: flex; gap: 8px; align-items: center; font-size: 14px; }
`;

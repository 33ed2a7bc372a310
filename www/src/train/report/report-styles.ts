import { css } from 'lit';
import { visuallyHidden } from '../../shared/shared-styles.js';

/** Tables, buttons and figures of the report on a run. */
export const reportStyles = css`
  :host { display: block; font-size: 14px; }
  :host([hidden]), [hidden] { display: none !important; }
  figure, p, dl, dd, ul, ol { margin: 0; }
  .quiet { color: var(--quiet); }
  .warning { color: var(--accent); }
  ${visuallyHidden}
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  caption { text-align: start; color: var(--quiet); padding-block-end: 8px; }
  th { font-weight: 600; }
  th, td { text-align: start; padding: 4px 0 4px 16px; border-block-end: 1px solid var(--line); }
  th:first-child, td:first-child { padding-inline-start: 0; }
  .number { text-align: end; white-space: nowrap; }
  button { font: inherit; color: var(--ink); background: none; border: 1px solid var(--line); border-radius: 8px; min-block-size: 32px; padding: 0 12px; cursor: pointer; }
  button:hover { border-color: var(--quiet); }
  button:disabled { color: var(--quiet); cursor: default; }
  button[aria-pressed='true'] { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
`;

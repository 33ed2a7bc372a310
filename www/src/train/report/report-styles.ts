import { css } from 'lit';
import { controls, tables, visuallyHidden } from '../../shared/shared-styles.js';

/** Tables, buttons and figures of the report on a run. */
export const reportStyles = css`
  :host { display: block; font-size: var(--_text-small); }
  :host([hidden]), [hidden] { display: none !important; }
  figure, p, dl, dd, ul, ol { margin: 0; }
  .quiet { color: var(--_quiet); }
  .warning { color: var(--_danger); }
  ${visuallyHidden}
  ${controls}
  ${tables}
  /* As wide as the name, so that only words that are longer than this are broken. */
  .class-name { display: block; inline-size: max-content; max-inline-size: 112px; overflow-wrap: anywhere; }
  .number { text-align: end; white-space: nowrap; }
  button { min-block-size: var(--_control-small); }
  button[aria-pressed='true'] { color: var(--_on-accent); background: var(--_accent); border-color: var(--_accent); }
`;

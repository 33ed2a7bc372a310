/**
 * Design tokens and styles that the element and the site share.
 *
 * @module tonearm/styles
 */
import { type CSSResult, css } from 'lit';

export { genreColour, medium, narrow, tiny, tokens } from './tokens.js';

/** Focus ring of everything that the keyboard can reach. */
export const focusRing: CSSResult = css`
  :focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
`;

/** Declarations that hide content from view but not from screen readers. */
export const visuallyHiddenRules: CSSResult = css`position: absolute; inline-size: 1px; block-size: 1px; margin: 0; padding: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap;`;

/** The class for content that only screen readers present. */
export const visuallyHidden: CSSResult = css`
  .visually-hidden { ${visuallyHiddenRules} }
`;

/** Lets each text set its own direction, while the layout follows that of the page. */
export const autoDirection: CSSResult = css`
  * { unicode-bidi: plaintext; }
`;

/** Buttons and form fields. */
export const controls: CSSResult = css`
  button, select, input:not([type='checkbox'], [type='radio'], [type='file']) {
    font: inherit; font-size: var(--_text-small); color: var(--_ink); background: transparent; border: 1px solid var(--_line);
    border-radius: var(--_radius); min-block-size: var(--_control); padding: 0 var(--_space-3); box-sizing: border-box; max-inline-size: 100%;
  }
  input { accent-color: var(--_accent); }
  button { cursor: pointer; }
  button:hover { border-color: var(--_quiet); }
  button:disabled { color: var(--_quiet); cursor: default; }
  button.main { color: var(--_on-accent); background: var(--_accent); border-color: var(--_accent); font-weight: 600; }
  button.main:disabled { color: var(--_quiet); background: var(--_well); border-color: var(--_line); }
  button.icon { border: 0; color: var(--_quiet); min-inline-size: var(--_control-small); min-block-size: var(--_control-small); padding: 0; flex: none; font-size: var(--_text); line-height: 1; }
  button.icon:hover { color: var(--_ink); }
  button.plain { border: 0; color: var(--_accent); padding: 0 var(--_space-1); }
`;

/** Tables of figures, and the box in which a wide or long one scrolls. */
export const tables: CSSResult = css`
  .scroll { overflow: auto; }
  table { border-collapse: collapse; font-size: var(--_text-small); font-variant-numeric: tabular-nums; }
  caption { text-align: start; color: var(--_quiet); padding-block-end: var(--_space-2); }
  th { font-weight: 600; }
  th, td { text-align: start; padding: var(--_space-1) 0 var(--_space-1) var(--_space-4); border-block-end: 1px solid var(--_line); }
  :is(th, td):first-child { padding-inline-start: 0; }
`;

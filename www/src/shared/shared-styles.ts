import { css } from 'lit';

/** Focus ring of everything that the keyboard can reach. */
export const focusRing = css`
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;

/** Hides content from view but not from screen readers. `page.css` has the same rule, since this one applies to shadow roots only. */
export const visuallyHidden = css`
  .visually-hidden { position: absolute; inline-size: 1px; block-size: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;

/** Heading of a view. */
export const viewHeading = css`
  h1 { font-size: clamp(28px, 5vw, 40px); line-height: 1.2; letter-spacing: -0.02em; font-weight: 700; margin: 24px 0 16px; }
`;

/** Buttons and form fields. */
export const controls = css`
  button, select, input:not([type='checkbox'], [type='radio'], [type='file']) {
    font: inherit; font-size: 14px; color: var(--ink); background: var(--paper); border: 1px solid var(--line);
    border-radius: 8px; min-block-size: 40px; padding: 0 12px; box-sizing: border-box; max-inline-size: 100%;
  }
  button { padding: 0 16px; cursor: pointer; }
  button:hover { border-color: var(--quiet); }
  button:disabled { color: var(--quiet); cursor: default; }
`;

/** A section that opens under its summary, and the paragraphs in it. */
export const disclosure = css`
  summary { cursor: pointer; padding-block: 8px; color: var(--quiet); }
  summary:hover { color: var(--ink); }
  p { margin: 0 0 12px; max-inline-size: 68ch; }
`;

/** Tables of figures, and the box in which a wide or long one scrolls. */
export const tables = css`
  .scroll { overflow: auto; }
  table { border-collapse: collapse; inline-size: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
  th { font-weight: 600; }
  th, td { text-align: start; padding: 4px 12px 4px 0; border-block-end: 1px solid var(--line); white-space: nowrap; }
`;

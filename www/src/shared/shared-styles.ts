import { css } from 'lit';

export { controls, focusRing, medium, narrow, tables, visuallyHidden, visuallyHiddenRules } from 'tonearm/styles';

/** Heading of a view. */
export const viewHeading = css`
  h1 { font-size: var(--_text-title); line-height: 1.2; letter-spacing: -0.02em; font-weight: 700; margin: var(--_space-6) 0 var(--_space-4); }
`;

/** A section that opens under its summary, and the paragraphs in it. */
export const disclosure = css`
  summary { cursor: pointer; padding-block: var(--_space-2); color: var(--_quiet); }
  summary:hover { color: var(--_ink); }
  p { margin: 0 0 var(--_space-3); max-inline-size: 68ch; }
`;

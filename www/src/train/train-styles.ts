import { css } from 'lit';

/** Headings, texts and rows of the Train view. */
export const trainStyles = css`
  h2 { font-size: var(--_text-heading); letter-spacing: -0.01em; margin: var(--_space-8) 0 var(--_space-3); }
  h3 { font-size: var(--_text); margin: var(--_space-6) 0 var(--_space-2); }
  p { margin: 0 0 var(--_space-3); }
  .quiet { color: var(--_quiet); font-size: var(--_text-small); }
  .error { color: var(--_danger); }
  .row { display: flex; flex-wrap: wrap; gap: var(--_space-2); align-items: center; }
`;

import { css } from 'lit';

/** One focus ring for everything that can be reached by keyboard. */
export const focusRing = css`
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;

import { css } from 'lit';

/** Buttons, fields and headings of the Train view. */
export const controls = css`
  button, select, input:not([type='checkbox'], [type='radio']) {
    font: inherit; font-size: 14px; color: var(--ink); background: var(--paper); border: 1px solid var(--line);
    border-radius: 8px; min-block-size: 40px; padding: 0 12px; box-sizing: border-box; max-inline-size: 100%;
  }
  input { accent-color: var(--accent); }
  button { cursor: pointer; }
  button:hover { border-color: var(--quiet); }
  button:disabled { color: var(--quiet); cursor: default; }
  button.main { color: var(--on-accent); background: var(--accent); border-color: var(--accent); font-weight: 600; }
  button.main:disabled { opacity: 0.5; }
  button.icon { border: 0; background: none; color: var(--quiet); min-inline-size: 32px; min-block-size: 32px; padding: 0; flex: none; font-size: 16px; line-height: 1; }
  button.icon:hover { color: var(--ink); }
  button.plain { border: 0; background: none; color: var(--accent); padding: 0 4px; }
  h2 { font-size: 20px; letter-spacing: -0.01em; margin: 32px 0 12px; }
  h3 { font-size: 16px; margin: 24px 0 8px; }
  p { margin: 0 0 12px; }
  .quiet { color: var(--quiet); font-size: 14px; }
  .error { color: var(--accent); }
  .row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
`;

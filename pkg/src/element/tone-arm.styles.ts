import { css } from 'lit';

/** Styles of `<tone-arm>`. They are adopted style sheets, which a strict content security policy does not block. */
export const toneArmStyles = css`
  :host { display: block; container-type: inline-size; font: inherit; color: var(--_ink); text-align: left; }
  :host(:dir(rtl)) { text-align: right; }
  :host([theme='light']) { color-scheme: light; }
  :host([theme='dark']) { color-scheme: dark; }
  :host([hidden]) { display: none; }
  /* The section gets the focus so that screen readers continue there, but it is not interactive. */
  section:focus { outline: none; }
  section { display: grid; gap: 24px; grid-template-columns: minmax(0, 1fr); }
  header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 16px; }
  h2 { margin: 0; font-size: 18px; font-weight: 600; overflow-wrap: anywhere; }
  p { margin: 0; }
  .quiet { color: var(--_quiet); font-size: 14px; }
  /* Reserves space for the prediction, so that nothing moves when it appears. */
  header p { min-block-size: 20px; }
  .answer { min-block-size: 96px; display: grid; align-content: start; gap: 8px; }
  tone-arm-bars { min-block-size: 112px; }
  .visually-hidden { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .message { font-size: 24px; line-height: 1.3; overflow-wrap: anywhere; }
  .progress { display: flex; align-items: center; gap: 16px; }
  progress { flex: 1; min-inline-size: 0; block-size: 4px; border: 0; border-radius: 2px; background: var(--_line); accent-color: var(--_accent); appearance: none; overflow: hidden; }
  progress::-webkit-progress-bar { background: var(--_line); }
  progress::-webkit-progress-value { background: var(--_accent); }
  progress::-moz-progress-bar { background: var(--_accent); }
  progress:indeterminate { background: linear-gradient(90deg, var(--_line) 30%, var(--_accent) 50%, var(--_line) 70%) 0 0 / 200% 100%; animation: sweep 1.6s linear infinite; }
  progress:indeterminate::-webkit-progress-bar { background: transparent; }
  @keyframes sweep { from { background-position: 100% 0; } to { background-position: -100% 0; } }
  @media (prefers-reduced-motion: reduce) { progress:indeterminate { animation: none; } }
  button {
    font: inherit; font-size: 14px; min-block-size: 36px; padding: 0 12px; cursor: pointer;
    color: var(--_ink); background: transparent; border: 1px solid var(--_line); border-radius: var(--_radius);
  }
  button:hover { border-color: var(--_quiet); }
  button.main { color: var(--_on-accent); background: var(--_accent); border-color: var(--_accent); font-weight: 600; }
  button:disabled { color: var(--_quiet); background: var(--_well); border-color: var(--_line); cursor: default; }
  button:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
  footer { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 12px; min-block-size: 36px; }
  .buttons { display: flex; flex-wrap: wrap; gap: 8px; }
  .picker {
    display: grid; place-content: center; min-block-size: 96px; padding: 16px; margin-block-end: 8px; cursor: pointer; text-align: center;
    border: 2px dashed var(--_line); border-radius: var(--_radius); background: var(--_well);
  }
  .picker:hover, .picker.over { border-color: var(--_accent); }
  .picker:focus-within { outline: 2px solid var(--_accent); outline-offset: 2px; }
  .picker:has(:disabled) { color: var(--_quiet); border-color: var(--_line); cursor: default; }
  .offer { margin-block: 8px; }
  @container (max-width: 559px) {
    .answer { min-block-size: 116px; }
    tone-arm-bars { min-block-size: 224px; }
    footer { min-block-size: 120px; align-content: start; }
  }
`;

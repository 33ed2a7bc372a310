import { css } from 'lit';

/** Styles of `<tone-arm>`. Adopted, so that a strict content security policy has nothing to refuse. */
export const toneArmStyles = css`
  :host {
    display: block; container-type: inline-size; font: inherit; color: var(--_ink);
    color-scheme: light dark;
  }
  :host([theme='light']) { color-scheme: light; }
  :host([theme='dark']) { color-scheme: dark; }
  :host([hidden]) { display: none; }
  section { display: grid; gap: 24px; grid-template-columns: minmax(0, 1fr); }
  header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 16px; }
  h2 { margin: 0; font-size: 18px; font-weight: 600; overflow-wrap: anywhere; }
  p { margin: 0; }
  .quiet { color: var(--_quiet); font-size: 14px; }
  /* Room for the answer and its next two before they come, so that nothing moves then. */
  header p { min-block-size: 20px; }
  .answer { min-block-size: 96px; display: grid; align-content: start; gap: 8px; }
  tone-arm-bars { min-block-size: 112px; }
  .estimates { display: grid; align-content: start; min-block-size: 76px; font-size: 14px; color: var(--_quiet); }
  .estimates h3 { margin: 0; font: inherit; line-height: 24px; }
  .estimates dl { margin: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(216px, 1fr)); grid-auto-rows: 24px; gap: 0 24px; }
  .estimates dl div { display: flex; gap: 8px; align-items: center; justify-content: space-between; }
  .estimates dd { margin: 0; font-variant-numeric: tabular-nums; color: var(--_ink); }
  .estimates .value { display: inline-block; min-inline-size: 4ch; }
  .estimates meter { inline-size: 48px; block-size: 10px; vertical-align: middle; }
  .estimates meter::-webkit-meter-bar { block-size: 8px; border: 0; border-radius: 4px; background: var(--_well); }
  .estimates meter::-webkit-meter-optimum-value { border-radius: 4px; background: var(--_quiet); }
  .estimates meter::-moz-meter-bar { background: var(--_quiet); }
  .spoken { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .message { font-size: 24px; line-height: 1.3; }
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
    color: var(--_ink); background: transparent; border: 1px solid var(--_line); border-radius: 8px;
  }
  button:hover { border-color: var(--_quiet); }
  button:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
  footer { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 12px; min-block-size: 36px; }
  .files { display: flex; flex-wrap: wrap; gap: 8px; }
  .picker { display: grid; gap: 8px; }
  @container (max-width: 559px) {
    .answer { min-block-size: 116px; }
    tone-arm-bars { min-block-size: 224px; }
    .estimates { min-block-size: 124px; }
    footer { min-block-size: 120px; align-content: start; }
  }
`;

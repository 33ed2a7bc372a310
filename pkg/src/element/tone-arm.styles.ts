import { css } from 'lit';
import { narrow } from './shared-styles.js';

/** Styles of `<tone-arm>`. They are adopted style sheets, which a strict content security policy does not block. */
export const toneArmStyles = css`
  :host { display: block; container-type: inline-size; font: inherit; text-align: left; overflow-wrap: break-word; }
  :host(:dir(rtl)) { text-align: right; }
  .light, .dark { color: var(--_ink); }
  .light { color-scheme: light; }
  .dark { color-scheme: dark; }
  :host([hidden]) { display: none; }
  /* The section gets the focus so that screen readers continue there, but it is not interactive. */
  section:focus { outline: none; }
  section { display: grid; gap: var(--_space-6); grid-template-columns: minmax(0, 1fr); }
  header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 var(--_space-4); }
  h2 { margin: 0; font-size: var(--_text-lead); font-weight: 600; overflow-wrap: anywhere; }
  p { margin: 0; }
  .quiet { color: var(--_quiet); font-size: var(--_text-small); }
  /* Reserves space for the prediction, so that nothing moves when it appears. */
  header p { min-block-size: 20px; }
  .answer { min-block-size: 96px; display: grid; align-content: start; gap: var(--_space-2); }
  tone-arm-bars { min-block-size: 112px; }
  .message { font-size: var(--_text-large); line-height: 1.3; overflow-wrap: anywhere; }
  .progress { display: flex; align-items: center; gap: var(--_space-4); }
  progress { flex: 1; min-inline-size: 0; block-size: 4px; border: 0; border-radius: var(--_radius-small); background: var(--_line); accent-color: var(--_accent); appearance: none; overflow: hidden; }
  progress::-webkit-progress-bar { background: var(--_line); }
  progress::-webkit-progress-value { background: var(--_accent); }
  progress::-moz-progress-bar { background: var(--_accent); }
  progress:indeterminate { background: linear-gradient(90deg, var(--_line) 30%, var(--_accent) 50%, var(--_line) 70%) 0 0 / 200% 100%; animation: sweep 1.6s linear infinite; }
  progress:indeterminate::-webkit-progress-bar { background: transparent; }
  @keyframes sweep { from { background-position: 100% 0; } to { background-position: -100% 0; } }
  @media (prefers-reduced-motion: reduce) { progress:indeterminate { animation: none; } }
  footer { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: var(--_space-3); min-block-size: var(--_control); }
  .buttons { display: flex; flex-wrap: wrap; gap: var(--_space-2); }
  .picker {
    display: grid; place-content: center; min-block-size: 96px; padding: var(--_space-4); margin-block-end: var(--_space-2); cursor: pointer; text-align: center;
    border: 2px dashed var(--_line); border-radius: var(--_radius); background: var(--_well);
  }
  .picker:hover, .picker.over { border-color: var(--_accent); }
  .picker:focus-within { outline: 2px solid var(--_accent); outline-offset: 2px; }
  .picker:has(:disabled) { color: var(--_quiet); border-color: var(--_line); cursor: default; }
  .offer { margin-block: var(--_space-2); }
  @container ${narrow} {
    .answer { min-block-size: 116px; }
    tone-arm-bars { min-block-size: 224px; }
    footer { min-block-size: 128px; align-content: start; }
  }
`;

import { html } from 'lit';
import { texts } from '../../texts/texts.js';

/** A button that plays a file, or stops it while it is playing. */
export function playButton(name: string, playing: boolean, onClick: () => void) {
  const label = playing ? texts.report.stopFile(name) : texts.train.play(name);
  return html`<button type="button" aria-label=${label} @click=${onClick}>${playing ? texts.report.stop : texts.report.play}</button>`;
}

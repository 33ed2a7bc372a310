import { html } from 'lit';
import { reportTexts } from '../report-texts.js';

/** A button that plays a file, or stops it while it is playing. */
export function playButton(name: string, playing: boolean, onClick: () => void) {
  const label = playing ? reportTexts.stopFile(name) : reportTexts.playFile(name);
  return html`<button type="button" aria-label=${label} @click=${onClick}>${playing ? reportTexts.stop : reportTexts.play}</button>`;
}

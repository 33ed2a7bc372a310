import { html } from 'lit';
import { seeingTexts } from '../report/report-texts.js';

/** A button that plays a file, or stops it while it is heard. */
export function playButton(name: string, heard: boolean, onClick: () => void) {
  const label = heard ? seeingTexts.stopFile(name) : seeingTexts.playFile(name);
  return html`<button type="button" aria-label=${label} @click=${onClick}>${heard ? seeingTexts.stop : seeingTexts.play}</button>`;
}

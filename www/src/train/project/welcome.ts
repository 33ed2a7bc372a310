import { html, nothing } from 'lit';
import type { Pick } from '../train-view.js';
import { trainTexts } from '../texts.js';
import type { TrainController } from './train-controller.js';

/** The ways to begin, where there is no project. */
export function welcome(controller: TrainController, pick: Pick) {
  const ways = [
    { main: true, name: trainTexts.begin, what: trainTexts.beginIs, go: () => controller.create(trainTexts.untitled, trainTexts.classNames) },
    { name: trainTexts.fromFolder, what: trainTexts.folderHint, go: () => pick('folder') },
    { name: trainTexts.tryExample, what: trainTexts.exampleIs, go: () => controller.createExample() },
    { name: trainTexts.table.choose, what: trainTexts.table.hint, go: () => pick('csv') },
    { name: trainTexts.openZip, what: trainTexts.zipIs, go: () => pick('zip') },
  ];
  return html`
    <div class="ways" data-next=".cards">
      ${ways.map(
        ({ main, name, what, go }) => html`<div>
          <button class=${main ? 'main begin' : nothing} type="button" @click=${go}>${name}</button>
          <span class="quiet">${what}</span>
        </div>`,
      )}
    </div>
    <p class="quiet">${trainTexts.dropHint}</p>
  `;
}

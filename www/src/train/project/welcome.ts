import { html, nothing } from 'lit';
import type { OpenFileDialog } from '../import/file-dialogs.js';
import { trainTexts } from '../texts.js';
import type { TrainController } from './train-controller.js';

/** The ways to create a project, shown while none is open. */
export function welcome(controller: TrainController, openFileDialog: OpenFileDialog) {
  const options = [
    { main: true, name: trainTexts.begin, hint: trainTexts.beginHint, start: () => controller.create(trainTexts.untitled, trainTexts.classNames) },
    { name: trainTexts.importFolder, hint: trainTexts.importFolderHint, start: () => openFileDialog('folder') },
    { name: trainTexts.tryExample, hint: trainTexts.exampleHint, start: () => controller.createExample() },
    { name: trainTexts.table.choose, hint: trainTexts.table.hint, start: () => openFileDialog('csv') },
    { name: trainTexts.openZip, hint: trainTexts.openZipHint, start: () => openFileDialog('zip') },
  ];
  return html`
    <div class="options" data-next=".cards">
      ${options.map(
        ({ main, name, hint, start }) => html`<div>
          <button class=${main ? 'main begin' : nothing} type="button" @click=${start}>${name}</button>
          <span class="quiet">${hint}</span>
        </div>`,
      )}
    </div>
    <p class="quiet">${trainTexts.dropHint}</p>
  `;
}

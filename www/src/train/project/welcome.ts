import { html, nothing } from 'lit';
import type { OpenFileDialog } from '../import/file-dialogs.js';
import { texts } from '../../texts/texts.js';
import type { TrainController } from './train-controller.js';

/** The ways to create a project, shown while none is open. */
export function welcome(controller: TrainController, openFileDialog: OpenFileDialog) {
  const options = [
    { main: true, name: texts.train.begin, hint: texts.train.beginHint, start: () => controller.create(texts.train.untitled, texts.train.classNames) },
    { name: texts.train.importFolder, hint: texts.train.importFolderHint, start: () => openFileDialog('folder') },
    { name: texts.train.tryExample, hint: texts.train.exampleHint, start: () => controller.createExample() },
    { name: texts.train.table.choose, hint: texts.train.table.hint, start: () => openFileDialog('csv') },
    { name: texts.train.openZip, hint: texts.train.openZipHint, start: () => openFileDialog('zip') },
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
    <p class="quiet">${texts.train.dropHint}</p>
  `;
}

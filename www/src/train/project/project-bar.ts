import { html, nothing } from 'lit';
import { save } from 'tonearm/page';
import { openByArrow } from '../../shared/focus.js';
import type { ProjectRecord } from '../store/records.js';
import { texts } from '../../texts/texts.js';
import type { OpenFileDialog } from '../import/file-dialogs.js';
import { fileNameOf } from '../run/training.js';
import type { TrainController } from './train-controller.js';

/** The name of the open project, and the actions on projects. */
export function projectBar(controller: TrainController, project: ProjectRecord, openFileDialog: OpenFileDialog) {
  const { projects, examples, usage, openInOtherTab } = controller.openProject;
  const { locked } = controller;
  const { busy } = controller.runner;
  const button = (name: string, disabled: boolean, onClick: () => void) =>
    html`<button type="button" ?disabled=${disabled} @click=${onClick}>${name}</button>`;
  return html`<div class="bar" data-next=".begin">
    <div class="row">
      <input
        class="name"
        dir="auto"
        .value=${project.name}
        aria-label=${texts.train.projectName}
        ?disabled=${openInOtherTab}
        @change=${(e: Event) => controller.rename((e.target as HTMLInputElement).value.trim() || texts.train.untitled)}
      />
      ${button(texts.train.saveProject, false, () => pack(controller, project))}
    </div>
    <details class="projects">
      <summary>${texts.train.projects}</summary>
      <div class="row">
        ${projects.length > 1
          ? html`<select aria-label=${texts.train.project} ?disabled=${busy} @keydown=${openByArrow} @change=${(e: Event) => controller.switchTo((e.target as HTMLSelectElement).value)}>
              ${projects.map(({ id, name }) => html`<option value=${id} ?selected=${id === project.id}>${name}</option>`)}
            </select>`
          : nothing}
        ${button(texts.train.newProject, busy, () => controller.create(texts.train.untitled, texts.train.classNames))}
        ${button(texts.train.openZip, busy, () => openFileDialog('zip'))}
        ${button(texts.train.table.choose, busy, () => openFileDialog('csv'))}
        ${button(texts.train.tryExample, busy, () => controller.createExample())}
      </div>
      <div class="row">
        ${button(texts.train.duplicateProject, locked, () => controller.duplicate())}
        ${examples.some(({ hasAudio }) => hasAudio)
          ? button(texts.train.deleteAudio, locked, () => confirm(texts.train.confirmDeleteAudio(project.name)) && controller.deleteAudio())
          : nothing}
        ${button(texts.train.deleteProject, locked, () => confirm(texts.train.confirmDelete(project.name)) && controller.deleteProject())}
        ${button(texts.train.clearAll, busy, () => confirm(texts.train.confirmClear) && controller.clear())}
      </div>
      ${usage.usage === null ? nothing : html`<p class="quiet">${usage.persisted === false ? texts.train.usedNotPersisted(usage.usage) : texts.train.used(usage.usage)}</p>`}
    </details>
  </div>`;
}

async function pack(controller: TrainController, { name }: ProjectRecord) {
  const zip = await controller.pack();
  if (zip) save(`${fileNameOf(name)}.zip`, 'application/zip', zip as Uint8Array<ArrayBuffer>);
}

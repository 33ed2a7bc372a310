import { html, nothing } from 'lit';
import { save } from 'tonearm';
import { openByArrow } from '../../shared/focus.js';
import type { ProjectRecord } from '../store/records.js';
import { trainTexts } from '../texts.js';
import type { Pick } from '../train-view.js';
import { fileNameOf } from '../run/training.js';
import type { TrainController } from './train-controller.js';

/** The open project's name, and what can be done with projects. */
export function projectBar(controller: TrainController, project: ProjectRecord, pick: Pick) {
  const { projects, examples, usage, elsewhere } = controller.openProject;
  const { locked } = controller;
  const { busy } = controller.runner;
  const megabytes = usage.usage === null ? null : (usage.usage / 2 ** 20).toFixed(1);
  const button = (name: string, disabled: boolean, go: () => void) =>
    html`<button type="button" ?disabled=${disabled} @click=${go}>${name}</button>`;
  return html`<div class="bar" data-next=".begin">
    <div class="row">
      <input
        class="name"
        .value=${project.name}
        aria-label=${trainTexts.projectName}
        ?disabled=${elsewhere}
        @change=${(e: Event) => controller.rename((e.target as HTMLInputElement).value.trim() || trainTexts.untitled)}
      />
      ${button(trainTexts.saveProject, false, () => pack(controller, project))}
    </div>
    <details class="projects">
      <summary>${trainTexts.projects}</summary>
      <div class="row">
        ${projects.length > 1
          ? html`<select aria-label=${trainTexts.project} ?disabled=${busy} @keydown=${openByArrow} @change=${(e: Event) => controller.show((e.target as HTMLSelectElement).value)}>
              ${projects.map(({ id, name }) => html`<option value=${id} ?selected=${id === project.id}>${name}</option>`)}
            </select>`
          : nothing}
        ${button(trainTexts.newProject, busy, () => controller.create(trainTexts.untitled, trainTexts.classNames))}
        ${button(trainTexts.openZip, busy, () => pick('zip'))}
        ${button(trainTexts.table.choose, busy, () => pick('csv'))}
        ${button(trainTexts.tryExample, busy, () => controller.createExample())}
      </div>
      <div class="row">
        ${button(trainTexts.duplicateProject, locked, () => controller.duplicate())}
        ${examples.some(({ hasAudio }) => hasAudio)
          ? button(trainTexts.deleteAudio, locked, () => confirm(trainTexts.reallyDeleteAudio(project.name)) && controller.deleteAudio())
          : nothing}
        ${button(trainTexts.deleteProject, locked, () => confirm(trainTexts.reallyDelete(project.name)) && controller.remove())}
        ${button(trainTexts.clearAll, busy, () => confirm(trainTexts.reallyClear) && controller.clear())}
      </div>
      ${megabytes ? html`<p class="quiet">${trainTexts.used(megabytes, usage.persisted)}</p>` : nothing}
    </details>
  </div>`;
}

async function pack(controller: TrainController, { name }: ProjectRecord) {
  const zip = await controller.pack();
  if (zip) save(`${fileNameOf(name)}.zip`, 'application/zip', zip as Uint8Array<ArrayBuffer>);
}

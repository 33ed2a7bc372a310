import { html, nothing } from 'lit';
import { save } from 'tonearm';
import { openByArrow } from '../../shared/focus.js';
import type { ProjectRecord } from '../store/records.js';
import { trainTexts } from '../texts.js';
import type { Pick } from '../train-view.js';
import { fileNameOf } from '../run/training.js';
import type { Workshop } from './train-controller.js';

/** The open project's name, and what can be done with projects. */
export function projectBar(workshop: Workshop, project: ProjectRecord, pick: Pick) {
  const { projects, examples, usage, elsewhere } = workshop.desk;
  const { locked } = workshop;
  const { busy } = workshop.runner;
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
        @change=${(e: Event) => workshop.rename((e.target as HTMLInputElement).value.trim() || trainTexts.untitled)}
      />
      ${button(trainTexts.saveProject, false, () => pack(workshop, project))}
    </div>
    <details class="projects">
      <summary>${trainTexts.projects}</summary>
      <div class="row">
        ${projects.length > 1
          ? html`<select aria-label=${trainTexts.project} ?disabled=${busy} @keydown=${openByArrow} @change=${(e: Event) => workshop.show((e.target as HTMLSelectElement).value)}>
              ${projects.map(({ id, name }) => html`<option value=${id} ?selected=${id === project.id}>${name}</option>`)}
            </select>`
          : nothing}
        ${button(trainTexts.newProject, busy, () => workshop.create(trainTexts.untitled, trainTexts.classNames))}
        ${button(trainTexts.openZip, busy, () => pick('zip'))}
        ${button(trainTexts.table.choose, busy, () => pick('csv'))}
        ${button(trainTexts.tryExample, busy, () => workshop.createExample())}
      </div>
      <div class="row">
        ${button(trainTexts.duplicateProject, locked, () => workshop.duplicate())}
        ${examples.some(({ hasAudio }) => hasAudio)
          ? button(trainTexts.deleteAudio, locked, () => confirm(trainTexts.reallyDeleteAudio(project.name)) && workshop.deleteAudio())
          : nothing}
        ${button(trainTexts.deleteProject, locked, () => confirm(trainTexts.reallyDelete(project.name)) && workshop.remove())}
        ${button(trainTexts.clearAll, busy, () => confirm(trainTexts.reallyClear) && workshop.clear())}
      </div>
      ${megabytes ? html`<p class="quiet">${trainTexts.used(megabytes, usage.persisted)}</p>` : nothing}
    </details>
  </div>`;
}

async function pack(workshop: Workshop, { name }: ProjectRecord) {
  const zip = await workshop.pack();
  if (zip) save(`${fileNameOf(name)}.zip`, 'application/zip', zip as Uint8Array<ArrayBuffer>);
}

import { html, nothing } from 'lit';
import { save } from 'tonearm';
import type { Theme } from '../../page/theme.js';
import type { ProjectRecord, RunRecord } from '../store/records.js';
import './run-list.js';
import './run-report.js';
import { seeingTexts } from './report-texts.js';
import { trainTexts } from '../texts.js';
import type { Hear } from '../train-view.js';
import { fileNameOf } from '../run/training.js';
import type { TrainController } from '../project/train-controller.js';

/** What the project's model came to, and the runs to choose it from. */
export function resultsPart({ openProject, runner }: TrainController, project: ProjectRecord, theme: Theme, playing: string | null, hear: Hear, use: (model: RunRecord) => void) {
  const { runs } = openProject;
  if (runs.every(({ status }) => status === 'running' || status === 'paused')) return nothing;
  const { model } = runner;
  return html`
    ${model
      ? html`<h2 class="result" tabindex="-1">${trainTexts.result}</h2>
          <p class="quiet">${trainTexts.whose(seeingTexts.runs.started(model.startedAt))}</p>
          <div class="row">
            ${project.table ? nothing : html`<button class="main" type="button" @click=${() => use(model)}>${trainTexts.useOnListen}</button>`}
            <button type="button" @click=${() => saveWeights(project, model)}>${trainTexts.saveWeights}</button>
            <span class="quiet">${project.table ? trainTexts.tableWeightsAre : trainTexts.weightsAre}</span>
          </div>
          ${model.result ? nothing : html`<p class="quiet">${trainTexts.broughtAlong}</p>`}
          <run-report
            .run=${model}
            .theme=${theme}
            .playing=${playing}
            @hear-example=${(e: CustomEvent<string>) => hear(e.detail)}
          ></run-report>`
      : nothing}
    <h2>${trainTexts.runs}</h2>
    <run-list
      .runs=${runs}
      .modelRunId=${project.modelRunId ?? undefined}
      .theme=${theme}
      .playing=${playing}
      @choose-run=${(e: CustomEvent<string>) => runner.choose(e.detail)}
      @delete-run=${(e: CustomEvent<string>) => runner.delete(e.detail)}
      @hear-example=${(e: CustomEvent<string>) => hear(e.detail)}
    ></run-list>
  `;
}

function saveWeights({ name }: ProjectRecord, { weights }: RunRecord) {
  if (weights) save(`${fileNameOf(name)}.bpk`, 'application/octet-stream', weights as Uint8Array<ArrayBuffer>);
}

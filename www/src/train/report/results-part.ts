import { html, nothing } from 'lit';
import { save } from 'tonearm/page';
import type { Theme } from '../../page/theme.js';
import type { ProjectRecord, RunRecord } from '../store/records.js';
import './run-list.js';
import './run-report.js';
import { texts } from '../../texts/texts.js';
import type { PlayExample } from '../classes/preview-player.js';
import { fileNameOf } from '../run/training.js';
import { changesSince } from '../project/changes-since.js';
import type { TrainController } from '../project/train-controller.js';

/** The report on the project's model, and the list of runs. */
export function resultsPart(
  { openProject, runner }: TrainController,
  project: ProjectRecord,
  theme: Theme,
  playingId: string | null,
  playExample: PlayExample,
  useModel: (model: RunRecord) => void,
) {
  const { runs } = openProject;
  if (runs.every(({ status }) => status === 'running' || status === 'paused')) return nothing;
  const { model } = runner;
  const changes = model && changesSince(model, project, openProject.examples);
  return html`
    ${model
      ? html`<h2 class="result" tabindex="-1">${texts.train.result}</h2>
          <p class="quiet">${texts.train.modelRun(texts.report.runs.title(model))}</p>
          ${changes ? html`<p class="changed">${texts.train.changedSince(changes)}</p>` : nothing}
          <div class="row">
            ${project.table ? nothing : html`<button class="main" type="button" @click=${() => useModel(model)}>${texts.train.useOnListen}</button>`}
            <button type="button" @click=${() => saveWeights(project, model)}>${texts.train.saveWeights}</button>
            <span class="quiet">${project.table ? texts.train.tableWeightsHint : texts.train.weightsHint}</span>
          </div>
          ${model.result ? nothing : html`<p class="quiet">${texts.train.imported}</p>`}
          <run-report
            .run=${model}
            .theme=${theme}
            .playing=${playingId}
            @play-example=${(e: CustomEvent<string>) => playExample(e.detail)}
          ></run-report>`
      : nothing}
    <h2>${texts.train.runs}</h2>
    <run-list
      .runs=${runs}
      .modelRunId=${project.modelRunId ?? undefined}
      .locked=${openProject.openInOtherTab}
      .theme=${theme}
      .playing=${playingId}
      @choose-run=${(e: CustomEvent<string>) => runner.choose(e.detail)}
      @rename-run=${(e: CustomEvent<{ id: string; name: string }>) => runner.rename(e.detail.id, e.detail.name)}
      @delete-run=${(e: CustomEvent<string>) => runner.delete(e.detail)}
      @play-example=${(e: CustomEvent<string>) => playExample(e.detail)}
    ></run-list>
  `;
}

function saveWeights({ name }: ProjectRecord, { weights }: RunRecord) {
  if (weights) save(`${fileNameOf(name)}.bpk`, 'application/octet-stream', weights as Uint8Array<ArrayBuffer>);
}

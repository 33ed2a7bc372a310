import { html, nothing } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { duration } from 'tonearm';
import { RECIPES } from 'tonearm/project';
import type { Theme } from '../../page/theme.js';
import { lackOf, warningsOf } from '../project/readiness.js';
import type { ProjectRecord } from '../store/records.js';
import { trainTexts } from '../texts.js';
import './train-curves.js';
import './train-panel.js';
import type { StartTraining } from './train-panel.js';
import { type LiveRun, type Training, isMeasuring, secondsLeft } from './training.js';
import type { TrainController } from '../project/train-controller.js';

/** The recipes of each kind of project. */
const OF_TABLES = RECIPES.filter((name) => name === 'mlp');
const OF_AUDIO = RECIPES.filter((name) => name !== 'mlp');

/** The run that is going on, or how to begin one. */
export function trainingPart(controller: TrainController, project: ProjectRecord, recording: boolean, theme: Theme) {
  const { training } = controller.runner;
  return html`
    <h2 class="training" tabindex="-1">${trainTexts.training}</h2>
    ${training.live ? liveRun(training, training.live, theme) : beginning(controller, project, recording)}
  `;
}

function beginning({ openProject, runner }: TrainController, project: ProjectRecord, recording: boolean) {
  const { interrupted } = runner;
  return html`
    ${interrupted && !openProject.elsewhere
      ? html`<div class="note" role="status" data-next=".pause h2.training">
          <p>${trainTexts.interrupted(interrupted.epochs.length)}</p>
          <button class="main" type="button" @click=${() => runner.goOn(interrupted)}>${trainTexts.goOn}</button>
          ${interrupted.backend === 'webgpu'
            ? html`<button type="button" @click=${() => runner.goOn(interrupted, 'cpu')}>${trainTexts.goOnCpu}</button>`
            : nothing}
          <button type="button" @click=${() => runner.delete(interrupted.id)}>${trainTexts.giveUp}</button>
        </div>`
      : nothing}
    ${keyed(
      project.id,
      html`<train-panel
        data-next=".pause h2.training"
        .defaults=${openProject.examples.length > 0 || project.table ? runner.settings : null}
        .recipes=${project.table ? OF_TABLES : OF_AUDIO}
        .last=${project.settings}
        .obstacle=${obstacle(openProject, project, recording)}
        .warnings=${warningsOf(project, openProject.examples)}
        @start-training=${({ detail }: CustomEvent<StartTraining>) => runner.train(detail.settings, detail.backend)}
      ></train-panel>`,
    )}
  `;
}

function obstacle({ examples, elsewhere, imports }: TrainController['openProject'], project: ProjectRecord, recording: boolean): string | null {
  const { obstacles } = trainTexts;
  if (elsewhere) return obstacles.elsewhere;
  const lack = lackOf(project, examples);
  if (lack !== null) return lack;
  if (recording) return obstacles.recording;
  return imports && imports.left > 0 ? obstacles.hearing : null;
}

function liveRun(training: Training, live: LiveRun, theme: Theme) {
  const latest = live.record.epochs.at(-1);
  const { where, share, left } = standing(live);
  return html`<div class="live" data-next="h2.result h2.training">
      <progress max="1" .value=${share} aria-label=${where}></progress>
      <p class="visually-hidden" role="status">${live.paused ? trainTexts.paused : trainTexts.goesOn}</p>
      <p class="facts">
        ${live.paused ? `${trainTexts.paused}. ` : ''}${where}${left !== undefined && !live.paused ? `, ${trainTexts.left(duration(left))}` : ''}
      </p>
      ${live.steps > 0 ? html`<p class="facts quiet">${trainTexts.pace(live.windowsPerSecond, live.record.backend, latest?.learning_rate.toPrecision(2))}</p>` : nothing}
      ${live.record.fallback ? html`<p class="quiet">${live.record.fallback}</p>` : nothing}
      ${live.trouble ? html`<p class="trouble" role="alert">${live.trouble}</p>` : nothing}
      <div class="row">
        <button class="pause" type="button" @click=${() => (live.paused ? training.resume() : training.pause())}>
          ${live.paused ? trainTexts.resume : trainTexts.pause}
        </button>
        <button type="button" ?disabled=${!latest} @click=${() => training.stop()}>${trainTexts.stop}</button>
      </div>
    </div>
    <train-curves .epochs=${live.record.epochs} .theme=${theme}></train-curves>`;
}

/** Where a run is, in words; how much of that is done, 0 to 1; and the seconds that are left, where they are known. */
function standing(live: LiveRun): { where: string; share: number; left?: number | undefined } {
  const { record, step, steps } = live;
  const latest = record.epochs.at(-1);
  if (!latest && steps === 0) return { where: trainTexts.preparing(live.embedded), share: live.embedded };
  if (isMeasuring(live)) return { where: trainTexts.measuring(live.answered), share: live.answered };
  const { fold, n_folds, epoch, epochs } = latest ?? { fold: 1, n_folds: record.settings.folds + 1, epoch: 0, epochs: record.settings.epochs };
  return {
    where: trainTexts.at(trainTexts.fold(fold, n_folds), epoch, epochs) + (step > 0 ? trainTexts.step(step, steps) : ''),
    share: ((fold - 1) * epochs + epoch + (steps > 0 ? step / steps : 0)) / (n_folds * epochs),
    left: secondsLeft(live, performance.now()),
  };
}

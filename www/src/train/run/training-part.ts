import { html, nothing } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { duration } from 'tonearm/page';
import { RECIPES } from 'tonearm/project';
import type { Theme } from '../../page/theme.js';
import { obstacleIn, imbalanceWarnings } from '../project/readiness.js';
import type { ProjectRecord } from '../store/records.js';
import { texts } from '../../texts/texts.js';
import './train-curves.js';
import './train-panel.js';
import type { StartTraining } from './train-panel.js';
import { type LiveRun, type Training, fallbackText, isEvaluating, secondsLeft } from './training.js';
import type { TrainController } from '../project/train-controller.js';

/** Recipes of projects with a table, and of projects with audio files. */
const TABLE_RECIPES = RECIPES.filter((name) => name === 'mlp');
const AUDIO_RECIPES = RECIPES.filter((name) => name !== 'mlp');

/** The active run or, if there is none, the panel that starts one. */
export function trainingPart(controller: TrainController, project: ProjectRecord, recording: boolean, theme: Theme) {
  const { training } = controller.runner;
  return html`
    <h2 class="training" tabindex="-1">${texts.train.training}</h2>
    ${training.live ? liveRun(training, training.live, theme) : startPanel(controller, project, recording)}
  `;
}

function startPanel({ openProject, runner }: TrainController, project: ProjectRecord, recording: boolean) {
  const { interrupted } = runner;
  return html`
    ${interrupted && !openProject.openInOtherTab
      ? html`<div class="note" role="status" data-next=".pause h2.training">
          <p>${texts.train.interrupted(interrupted.epochs.length)}</p>
          <button class="main" type="button" @click=${() => runner.resume(interrupted)}>${texts.train.resume}</button>
          ${interrupted.backend === 'webgpu'
            ? html`<button type="button" @click=${() => runner.resume(interrupted, 'cpu')}>${texts.train.resumeOnCpu}</button>`
            : nothing}
          <button type="button" @click=${() => runner.delete(interrupted.id)}>${texts.train.discard}</button>
        </div>`
      : nothing}
    ${keyed(
      project.id,
      html`<train-panel
        data-next=".pause h2.training"
        .loadDefaults=${openProject.examples.length > 0 || project.table ? runner.settings : null}
        .recipes=${project.table ? TABLE_RECIPES : AUDIO_RECIPES}
        .lastSettings=${project.settings}
        .obstacle=${obstacle(openProject, project, recording)}
        .warnings=${imbalanceWarnings(project, openProject.examples)}
        @start-training=${({ detail }: CustomEvent<StartTraining>) => runner.train(detail.settings, detail.backend)}
      ></train-panel>`,
    )}
  `;
}

function obstacle({ examples, openInOtherTab, importQueue }: TrainController['openProject'], project: ProjectRecord, recording: boolean): string | null {
  const { obstacles } = texts.train;
  if (openInOtherTab) return obstacles.openInOtherTab;
  const projectObstacle = obstacleIn(project, examples);
  if (projectObstacle !== null) return projectObstacle;
  if (recording) return obstacles.recording;
  return importQueue && importQueue.left > 0 ? obstacles.importing : null;
}

function liveRun(training: Training, live: LiveRun, theme: Theme) {
  const latest = live.record.epochs.at(-1);
  const { text, fraction, left } = progressOf(live);
  const facts = live.paused ? texts.train.progressPaused(text) : left === undefined ? text : texts.train.progressWithTime(text, duration(left));
  return html`<div class="live" data-next="h2.result h2.training">
      <progress max="1" .value=${fraction} aria-label=${text}></progress>
      <p class="visually-hidden" role="status">${live.paused ? texts.train.paused : texts.train.running}</p>
      <p class="facts">${facts}</p>
      ${live.steps > 0 ? html`<p class="facts quiet">${paceOf(live)}</p>` : nothing}
      ${live.record.fallback ? html`<p class="quiet">${fallbackText(live.record.fallback)}</p>` : nothing}
      ${live.error ? html`<p class="error" role="alert">${live.error}</p>` : nothing}
      <div class="row">
        <button class="pause" type="button" @click=${() => (live.paused ? training.resume() : training.pause())}>
          ${live.paused ? texts.train.resume : texts.train.pause}
        </button>
        <button type="button" ?disabled=${!latest} @click=${() => training.stop()}>${texts.train.stop}</button>
      </div>
    </div>
    <train-curves .epochs=${live.record.epochs} .theme=${theme}></train-curves>`;
}

function paceOf({ record: { backend, epochs }, windowsPerSecond }: LiveRun): string {
  const rate = epochs.at(-1)?.learningRate.toPrecision(2);
  return rate === undefined ? texts.train.pace(windowsPerSecond, backend) : texts.train.paceAndRate(windowsPerSecond, backend, rate);
}

/** Progress of a run as a text, the completed fraction of it, and the remaining seconds if they are known. */
function progressOf(live: LiveRun): { text: string; fraction: number; left?: number | undefined } {
  const { record, step, steps } = live;
  const latest = record.epochs.at(-1);
  if (!latest && steps === 0) return { text: texts.train.preparing(live.embedded), fraction: live.embedded };
  if (isEvaluating(live)) return { text: texts.train.evaluating(live.evaluated), fraction: live.evaluated };
  const { fold, nFolds, epoch, epochs } = latest ?? { fold: 1, nFolds: record.settings.folds + 1, epoch: 0, epochs: record.settings.epochs };
  return {
    text: texts.train.progress({ fold, nFolds, epoch, epochs, step, steps }),
    fraction: ((fold - 1) * epochs + epoch + (steps > 0 ? step / steps : 0)) / (nFolds * epochs),
    left: secondsLeft(live, performance.now()),
  };
}

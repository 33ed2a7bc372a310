import { type TemplateResult, html, nothing } from 'lit';
import { clock } from '../text/format.js';
import { LANG, duration } from '../text/numbers.js';
import { texts } from '../text/texts.js';
import './tone-arm-answer.js';
import './tone-arm-bars.js';
import './tone-arm-estimates.js';
import './map/tone-arm-map.js';
import './player/tone-arm-player.js';
import { type Metadata, kindOf } from '../metadata.js';
import type { ErrorCode, Prediction, Stage, TonearmError, TrackMap } from '../types.js';

/** Errors that can disappear on another attempt. All others have their cause in the file or the page. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'download', 'download-stalled', 'song-download', 'song-stalled', 'song-absent', 'song-forbidden', 'weights', 'worker', 'closed',
]);

/** Always the same array, so that elements do not update while the labels are unknown. */
const NO_LABELS: string[] = [];

/** What `<tone-arm>` currently shows. */
export interface ToneArmModel {
  /** Name of the song, without file extension. */
  title: string;
  /** Whether a song was chosen or started. */
  hasSong: boolean;
  /** Whether `src` names a song that waits for the start button. */
  hasSrc: boolean;
  /** The song's file; undefined until it is downloaded. */
  file: Blob | undefined;
  /** Current step of the analysis; undefined if none is running. */
  stage: Stage | undefined;
  /** Fraction of the analysis that is done. */
  progress: number;
  prediction: Prediction | undefined;
  error: TonearmError | undefined;
  /** Undefined until the weights are loaded. */
  metadata: Metadata | undefined;
  /** Undefined until the weights are loaded, or if they contain no map. */
  map: TrackMap | undefined;
  /** Size of the download before the first prediction; undefined if unknown. */
  downloadBytes: number | undefined;
  theme: 'light' | 'dark';
  disabled: boolean;
  /** Whether a file is dragged over the element. */
  draggedOver: boolean;
  /** Whether the visitor chose the song and can choose another. */
  canChooseAnother: boolean;
  /** Which of the optional parts are shown. */
  shown: { player: boolean; timeline: boolean; spectrogram: boolean };
}

/** Actions of the visitor. */
export interface ToneArmActions {
  pick(): void;
  start(): void;
  cancel(): void;
  tryAgain(): void;
  chooseAnother(): void;
  saveCsv(): void;
  saveJson(): void;
}

/** The content of `<tone-arm>`. */
export function toneArmView(model: ToneArmModel, actions: ToneArmActions): TemplateResult {
  return html`<div class="inherits-colour">
    <div class=${model.theme} lang=${LANG}>
      ${model.hasSong ? track(model, actions) : model.hasSrc ? startButton(model, actions) : picker(model, actions)}
      <slot name="footer"></slot>
    </div>
  </div>`;
}

function picker(model: ToneArmModel, actions: ToneArmActions) {
  return html`
    <label class="picker ${model.draggedOver ? 'over' : ''}" part="picker">
      <span class="invitation"><slot>${texts.chooseSong}</slot></span>
      <input class="visually-hidden" type="file" accept="audio/*" ?disabled=${model.disabled} @change=${actions.pick} />
    </label>
    ${downloadNote(model)}
  `;
}

function startButton(model: ToneArmModel, actions: ToneArmActions) {
  return html`
    <h2 part="title"><slot name="title">${model.title}</slot></h2>
    <p class="offer">
      <button type="button" class="main" part="button" ?disabled=${model.disabled} @click=${actions.start}><slot name="ask">${texts.start}</slot></button>
    </p>
    ${downloadNote(model)}
  `;
}

function downloadNote({ metadata, downloadBytes }: ToneArmModel) {
  return html`<p class="quiet" part="note">${metadata ? nothing : texts.downloadNote(downloadBytes)} ${texts.noUpload}</p>`;
}

function track(model: ToneArmModel, actions: ToneArmActions) {
  const { title, prediction } = model;
  return html`
    <section aria-label=${title} tabindex="-1">
      <header>
        <h2 part="title"><slot name="title">${title}</slot></h2>
        <p class="quiet" part="facts">${prediction ? texts.facts(clock(Math.round(prediction.durationSeconds)), prediction.sampleRate) : ''}</p>
      </header>
      <div class="answer" part="answer">${answer(model, actions)}</div>
      <p class="visually-hidden" role="status">${announcement(model)}</p>
      ${model.error ? nothing : details(model, actions)}
    </section>
  `;
}

/** The prediction, the current step, or the error. */
function answer(model: ToneArmModel, actions: ToneArmActions) {
  const { prediction, error, stage } = model;
  if (prediction) return html`<tone-arm-answer exportparts="label, percent, next" .prediction=${prediction}></tone-arm-answer>`;
  if (error) {
    return html`<p class="message" part="message">${error.message}</p>
      <p class="quiet">${error.advice}</p>
      <p class="buttons">${RETRYABLE.has(error.code) ? tryAgainButton(model, actions) : nothing} ${chooseAnotherButton(model, actions)}</p>`;
  }
  if (stage) return progressOf(stage, model, actions);
  return html`<p class="message" part="message">${texts.cancelled}</p>
    <p class="buttons">${tryAgainButton(model, actions)} ${chooseAnotherButton(model, actions)}</p>`;
}

function progressOf(stage: Stage, model: ToneArmModel, actions: ToneArmActions) {
  // Without a value, the progress bar is indeterminate.
  const progress = stage === 'analysing' ? model.progress : undefined;
  const text = stageText(stage, model);
  return html`<p class="message" part="message">${text}</p>
    <div class="progress">
      <progress part="progress" aria-label=${text} value=${progress ?? nothing}></progress>
      <button type="button" part="button" @click=${actions.cancel}>${texts.cancel}</button>
    </div>`;
}

function stageText(stage: Stage, { file }: ToneArmModel): string {
  return file ? texts.stages[stage] : texts.downloadingSong;
}

/** The text that a screen reader announces when the state changes. */
function announcement(model: ToneArmModel): string {
  const { title, prediction, error, stage } = model;
  if (error) return `${error.message} ${error.advice}`;
  if (prediction) return texts.announcement(title, prediction);
  return stage ? stageText(stage, model) : texts.cancelled;
}

/** Everything below the prediction. It is laid out empty before there is a prediction, so that nothing moves later. */
function details(model: ToneArmModel, actions: ToneArmActions) {
  const { prediction, metadata, map, theme } = model;
  const labels = metadata?.labels ?? NO_LABELS;
  return html`
    <tone-arm-bars part="bars" exportparts="genre, bar" .labels=${labels} .probabilities=${prediction?.probabilities}></tone-arm-bars>
    ${estimates(model)} ${player(labels, model)}
    ${map && html`<tone-arm-map part="map" exportparts="table, button" .map=${map} .labels=${labels} .position=${prediction?.mapPosition} .theme=${theme}></tone-arm-map>`}
    <footer part="footer">${prediction ? footer(prediction, model, actions) : nothing}</footer>
  `;
}

function estimates({ metadata, prediction }: ToneArmModel) {
  // Until the metadata is loaded, space is reserved for estimates, so that nothing moves later.
  if (metadata && !metadata.modelCard.estimates.some(({ shown }) => shown)) return nothing;
  return html`<tone-arm-estimates part="estimates" .metadata=${metadata} .prediction=${prediction}></tone-arm-estimates>`;
}

function player(labels: string[], { file, prediction, theme, shown }: ToneArmModel) {
  if (!shown.player && !shown.timeline && !shown.spectrogram) return nothing;
  return html`<tone-arm-player
    part="player"
    exportparts="play, clock, waveform, timeline, spectrogram, needle, table, button"
    .file=${file}
    .prediction=${prediction}
    .labels=${labels}
    .theme=${theme}
    .player=${shown.player}
    .timeline=${shown.timeline}
    .spectrogram=${shown.spectrogram}
  ></tone-arm-player>`;
}

/** How the prediction was made, notes on it, and the buttons to save it. */
function footer(prediction: Prediction, model: ToneArmModel, actions: ToneArmActions) {
  const { metadata } = model;
  const summary = texts.analysedBy(metadata && networkName(metadata), texts.backend[prediction.backend], duration(prediction.elapsedSeconds));
  const notes = [...prediction.notes, ...(prediction.fallback ? [texts.fallback(prediction.fallback)] : [])];
  return html`
    <p class="quiet">${summary} ${notes.map((note) => html`<span class="note">${note}</span> `)}</p>
    <p class="buttons">
      ${chooseAnotherButton(model, actions)}
      <button type="button" part="button" @click=${actions.saveCsv}>${texts.saveCsv}</button>
      <button type="button" part="button" @click=${actions.saveJson}>${texts.saveJson}</button>
    </p>
  `;
}

/** The network's name in the texts, or its kind if the texts do not name it. */
function networkName(metadata: Metadata): string {
  const kind = kindOf(metadata);
  return texts.networks[kind] ?? kind;
}

function tryAgainButton({ disabled }: ToneArmModel, actions: ToneArmActions) {
  return html`<button type="button" class="again" part="button" ?disabled=${disabled} @click=${actions.tryAgain}>${texts.tryAgain}</button>`;
}

function chooseAnotherButton({ canChooseAnother, disabled }: ToneArmModel, actions: ToneArmActions) {
  if (!canChooseAnother) return nothing;
  return html`<button type="button" part="button" ?disabled=${disabled} @click=${actions.chooseAnother}>${texts.anotherSong}</button>`;
}

import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { genreColour } from 'tonearm/styles';
import './class-card.js';
import type { ProjectRecord } from '../store/records.js';
import type { Recorder } from '../record/recorder.js';
import { texts } from '../../texts/texts.js';
import type { OpenFileDialog } from '../import/file-dialogs.js';
import type { PlayExample } from './preview-player.js';
import type { TrainController } from '../project/train-controller.js';

/** The classes of a project with audio files, and the buttons that add classes. */
export function classCards(
  controller: TrainController,
  { classes, keepAudio }: ProjectRecord,
  recorder: Recorder,
  playingId: string | null,
  playExample: PlayExample,
  openFileDialog: OpenFileDialog,
) {
  const { examples } = controller.openProject;
  const { editing, locked } = controller;
  return html`
    <section class="cards" tabindex="-1" aria-label=${texts.train.classes} data-next=".add-class">
      ${repeat(
        classes,
        ({ id }) => id,
        (each, index) => html`<class-card
          .class=${each}
          .classes=${classes}
          .examples=${examples.filter(({ classId }) => classId === each.id)}
          .colour=${genreColour(index)}
          .locked=${locked}
          .playing=${playingId}
          .recorder=${recorder}
          .recordingState=${recorder.stateOf(each.id)}
          .windows=${each.id === recorder.classId ? recorder.windows : 0}
          .error=${each.id === recorder.error?.classId ? recorder.error.message : null}
          @add-files=${(e: CustomEvent) => editing.addFiles(e.detail, each.id)}
          @rename-class=${(e: CustomEvent<string>) => editing.renameClass(each.id, e.detail)}
          @remove-class=${() => editing.removeClass(each.id)}
          @merge-class=${(e: CustomEvent<string>) => editing.mergeClass(each.id, e.detail)}
          @place-class=${(e: CustomEvent) => editing.placeClass(e.detail.id, e.detail.placement)}
          @place-example=${(e: CustomEvent) => editing.placeExample(e.detail.id, e.detail.placement)}
          @move-example=${(e: CustomEvent) => editing.moveExample(e.detail.id, e.detail.classId)}
          @remove-example=${(e: CustomEvent<string>) => editing.removeExample(e.detail)}
          @play-example=${(e: CustomEvent<string>) => playExample(e.detail)}
        ></class-card>`,
      )}
    </section>
    <div class="row">
      <button class="add-class" type="button" ?disabled=${locked} @click=${() => editing.addClass(unusedName(classes))}>${texts.train.addClass}</button>
      <button type="button" ?disabled=${locked} @click=${() => openFileDialog('folder')}>${texts.train.importFolder}</button>
      <label class="check"
        ><input type="checkbox" .checked=${keepAudio} ?disabled=${locked} @change=${(e: Event) => controller.setKeepAudio((e.target as HTMLInputElement).checked)} />${texts.train.keepAudio}</label
      >
    </div>
  `;
}

/** A default name that no class has yet. */
function unusedName(classes: ProjectRecord['classes']): string {
  const names = new Set(classes.map(({ name }) => name));
  let n = names.size + 1;
  while (names.has(texts.train.nextClass(n))) n++;
  return texts.train.nextClass(n);
}

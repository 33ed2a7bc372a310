import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { genreColour } from 'tonearm';
import './class-card.js';
import type { ProjectRecord } from '../store/records.js';
import type { Recorder } from '../record/recorder.js';
import { trainTexts } from '../texts.js';
import type { Hear, Pick } from '../train-view.js';
import type { TrainController } from '../project/train-controller.js';

/** The classes of a project of sounds, and where more of them come from. */
export function classCards(controller: TrainController, { classes, keepAudio }: ProjectRecord, recorder: Recorder, playing: string | null, hear: Hear, pick: Pick) {
  const { examples } = controller.openProject;
  const { editing, locked } = controller;
  return html`
    <section class="cards" tabindex="-1" aria-label=${trainTexts.classes} data-next=".add-class">
      ${repeat(
        classes,
        ({ id }) => id,
        (each, index) => html`<class-card
          .class=${each}
          .classes=${classes}
          .examples=${examples.filter(({ classId }) => classId === each.id)}
          .colour=${genreColour(index)}
          .locked=${locked}
          .playing=${playing}
          .recorder=${recorder}
          .recording=${each.id !== recorder.classId ? 'nothing' : recorder.running ? 'recording' : 'asking'}
          .windows=${each.id === recorder.classId ? recorder.windows : 0}
          .trouble=${each.id === recorder.trouble?.classId ? recorder.trouble.sentence : null}
          @add-files=${(e: CustomEvent) => editing.addFiles(e.detail, each.id)}
          @rename-class=${(e: CustomEvent<string>) => editing.renameClass(each.id, e.detail)}
          @remove-class=${() => editing.removeClass(each.id)}
          @merge-class=${(e: CustomEvent<string>) => editing.mergeClass(each.id, e.detail)}
          @place-class=${(e: CustomEvent) => editing.placeClass(e.detail.id, e.detail.placement)}
          @place-example=${(e: CustomEvent) => editing.placeExample(e.detail.id, e.detail.placement)}
          @move-example=${(e: CustomEvent) => editing.moveExample(e.detail.id, e.detail.classId)}
          @remove-example=${(e: CustomEvent<string>) => editing.removeExample(e.detail)}
          @hear-example=${(e: CustomEvent<string>) => hear(e.detail)}
        ></class-card>`,
      )}
    </section>
    <div class="row">
      <button class="add-class" type="button" ?disabled=${locked} @click=${() => editing.addClass(freeName(classes))}>${trainTexts.addClass}</button>
      <button type="button" ?disabled=${locked} @click=${() => pick('folder')}>${trainTexts.fromFolder}</button>
      <label class="check"
        ><input type="checkbox" .checked=${keepAudio} ?disabled=${locked} @change=${(e: Event) => controller.keepAudio((e.target as HTMLInputElement).checked)} />${trainTexts.keepAudio}</label
      >
    </div>
  `;
}

/** A name that no class has. */
function freeName(classes: ProjectRecord['classes']): string {
  const names = new Set(classes.map(({ name }) => name));
  let n = names.size + 1;
  while (names.has(trainTexts.nextClass(n))) n++;
  return trainTexts.nextClass(n);
}

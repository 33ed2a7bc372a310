import { LitElement, type PropertyValues, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { genreColour } from 'tonearm/styles';
import type { ProjectFile, TrainNote } from 'tonearm/project';
import { controls, focusRing } from '../../shared/shared-styles.js';
import type { Theme } from '../../page/theme.js';
import './class-scores.js';
import type { ConfusionCell } from './confusion-table.js';
import './confusion-table.js';
import { filesOfCell } from './predictions.js';
import type { RunRecord } from '../store/records.js';
import './reliability-diagram.js';
import { texts } from '../../texts/texts.js';
import '../run/train-curves.js';
import { fallbackText } from '../run/training.js';
import './train-map.js';
import { trainStyles } from '../train-styles.js';
import './worst-mistakes.js';

/**
 * `<run-report>`: the evaluation of a run's model.
 *
 * @fires play-example - `detail` is an example's id.
 */
@customElement('run-report')
export class RunReport extends LitElement {
  static override styles = [
    focusRing,
    controls,
    trainStyles,
    css`
      :host { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--_space-8); margin-block: var(--_space-6); }
      section { min-inline-size: 0; }
      h3 { margin: 0 0 var(--_space-2); }
      .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(400px, 100%), 1fr)); gap: var(--_space-8); }
      .nowrap { flex-wrap: nowrap; }
      .file { flex: 1; min-inline-size: 0; }
      ul { margin: var(--_space-2) 0; padding-inline-start: 0; list-style: none; font-size: var(--_text-small); }
    `,
  ];

  @property({ attribute: false }) run!: RunRecord;
  @property() theme: Theme = 'light';
  @property() playing: string | null = null;
  @state() private files: ProjectFile[] = [];
  @state() private cell: ConfusionCell | undefined;

  protected override render() {
    const { result, epochs } = this.run;
    const { sections } = texts.train;
    if (!result) return nothing;
    const labels = result.metrics.perClass.map(({ label }) => label);
    const { files } = this;
    const playingIndex = this.run.files.findIndex(({ id }) => id === this.playing);
    const playingFile = playingIndex >= 0 ? playingIndex : undefined;
    const colours = labels.map((_, index) => genreColour(index));
    return html`
      <section>
        ${this.run.fallback ? html`<p class="quiet">${fallbackText(this.run.fallback)}</p>` : nothing}
        ${result.notes.map((note) => html`<p class="quiet">${noteOf(note)}</p>`)}
        <class-scores .metrics=${result.metrics} .interval=${result.interval}></class-scores>
      </section>
      <div class="pair">
        <section>
          <h3>${sections.confusion}</h3>
          <confusion-table
            .labels=${labels}
            .confusion=${result.metrics.confusion}
            .selected=${this.cell}
            @choose-cell=${(e: CustomEvent<ConfusionCell>) => (this.cell = e.detail)}
          ></confusion-table>
          ${this.cell ? this.#cellFiles(this.cell, labels, files) : nothing}
        </section>
        <section>
          <h3>${sections.mistakes}</h3>
          <worst-mistakes .predictions=${result.predictions} .files=${files} .labels=${labels} .playing=${playingFile} @play-file=${this.#onPlayFile}></worst-mistakes>
        </section>
      </div>
      <section>
        <h3>${sections.map}</h3>
        <train-map .rows=${this.run.settings.recipe === 'mlp'} .result=${result} .files=${files} .labels=${labels} .colours=${colours} .playing=${playingFile} @play-file=${this.#onPlayFile}></train-map>
      </section>
      <section>
        <h3>${sections.reliability}</h3>
        <reliability-diagram .bins=${result.reliability}></reliability-diagram>
      </section>
      <section>
        <h3>${sections.curves}</h3>
        <train-curves .epochs=${epochs} .kept=${result.keptEpoch} .theme=${this.theme}></train-curves>
      </section>
    `;
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    // Converted once per run, because a new array would make the children recompute everything.
    if (changed.has('run')) this.files = this.run.files.map(({ name, class: label }) => ({ name, class: label, artist: null, seconds: 0 }));
  }

  #cellFiles(cell: ConfusionCell, labels: string[], files: ProjectFile[]) {
    const members = filesOfCell(this.run.result?.predictions ?? [], files, cell.truth, cell.predicted);
    return html`<p class="quiet">${texts.train.cell(labels[cell.truth] ?? '', labels[cell.predicted] ?? '')}</p>
      <ul>
        ${members.map(
          (file) => html`<li class="row nowrap">
            <button class="icon" type="button" aria-label=${texts.train.play(files[file]?.name ?? '')} @click=${() => this.#playFile(file)}>▶</button><span class="file" dir="auto">${files[file]?.name}</span>
          </li>`,
        )}
      </ul>`;
  }

  #onPlayFile = (event: CustomEvent<number>) => this.#playFile(event.detail);

  #playFile(file: number) {
    const id = this.run.files[file]?.id;
    if (id) this.dispatchEvent(new CustomEvent('play-example', { detail: id }));
  }
}

function noteOf(note: TrainNote): string {
  switch (note.kind) {
    case 'one-artist':
      return texts.train.oneArtist(note.class);
    case 'chosen-on-validation':
      return texts.train.chosenOnValidation;
    case 'optimizer-reset':
      return texts.train.optimizerReset(note.times);
  }
}

import { LitElement, type PropertyValues, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { duration, genreColour, paletteStyles, save } from 'tonearm';
import { RECIPES } from 'tonearm/project';
import { focusRing } from '../shared-styles.js';
import type { Theme } from '../theme.js';
import './class-card.js';
import { keepFocus, openByArrow } from './focus.js';
import { chosenFiles, droppedFiles, sorted } from './folders.js';
import { Hearing } from './hearing.js';
import type { ProjectRecord } from './records.js';
import { Recorder } from './recorder.js';
import './run-report.js';
import './runs-table.js';
import { seeingTexts } from './seeing-texts.js';
import { trainTexts } from './texts.js';
import './train-curves.js';
import './train-panel.js';
import type { StartTraining } from './train-panel.js';
import { controls } from './train-styles.js';
import { type LiveRun, fileNameOf, secondsLeft } from './training.js';
import { Workshop } from './workshop.js';

/** The recipes of each kind of project. */
const OF_TABLES = RECIPES.filter((name) => name === 'mlp');
const OF_AUDIO = RECIPES.filter((name) => name !== 'mlp');

/** How many times as many minutes a class may have as another before it is said. */
const UNBALANCED = 4;

/**
 * `<train-view>`: classes, files, training, and what came of it.
 *
 * @fires use-weights - `detail` is `{ name, weights }`, a classifier for Listen.
 */
@customElement('train-view')
export class TrainView extends LitElement {
  static override styles = [
    paletteStyles,
    focusRing,
    controls,
    css`
      :host { display: block; }
      :host([hidden]) { display: none; }
      h1 { font-size: clamp(28px, 5vw, 40px); line-height: 1.2; letter-spacing: -0.02em; font-weight: 700; margin: 24px 0 16px; }
      .lead { max-inline-size: 68ch; font-size: 18px; }
      .ways { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(220px, 100%), 1fr)); gap: 24px; margin-block: 32px; }
      .ways div { display: grid; gap: 8px; justify-items: start; align-content: start; }
      .bar { padding-block-end: 16px; border-block-end: 1px solid var(--line); margin-block-end: 24px; }
      .bar .name { font-weight: 600; flex: 0 1 320px; min-inline-size: 0; }
      .bar details { margin-block-start: 8px; }
      .bar details .row { margin-block: 8px; }
      .bar summary { cursor: pointer; color: var(--quiet); font-size: 14px; inline-size: fit-content; line-height: 32px; border-radius: 4px; }
      .bar summary:hover { color: var(--ink); }
      h2:focus, .cards:focus { outline-offset: 8px; border-radius: 4px; }
      .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); gap: 16px; margin-block-end: 16px; }
      /* There whether anything is said or not, so that nothing below moves. */
      .incoming { display: flex; gap: 8px 16px; align-items: center; min-block-size: 40px; font-size: 14px; color: var(--quiet); margin-block: 8px -16px; font-variant-numeric: tabular-nums; }
      .incoming p { margin: 0; min-inline-size: 0; overflow-wrap: anywhere; }
      .note { padding: 12px 16px; border-radius: 8px; background: var(--well); margin-block-end: 16px; display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; }
      .note p { margin: 0; }
      ul.refused { margin: 0; padding-inline-start: 20px; font-size: 14px; inline-size: 100%; overflow-wrap: anywhere; }
      progress { inline-size: 100%; accent-color: var(--accent); block-size: 8px; }
      .live { display: grid; gap: 8px; margin-block-end: 16px; }
      .facts { font-variant-numeric: tabular-nums; margin: 0; }
      .hidden { display: none; }
      .spoken { position: absolute; inline-size: 1px; block-size: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
      label.check { display: flex; gap: 8px; align-items: center; font-size: 14px; }
    `,
  ];

  @property() theme: Theme = 'light';
  /** Whether the view is the one that is looked at: only then it takes what is dropped. */
  @property({ type: Boolean }) shown = false;
  @state() private workshop: Workshop | null = null;
  /** Why nothing can be opened, as a sentence. */
  @state() private failure = '';
  @query('.zip') private zipPicker!: HTMLInputElement;
  @query('.csv') private csvPicker!: HTMLInputElement;
  @query('.folder') private folderPicker!: HTMLInputElement;
  readonly #hearing = new Hearing(() => this.requestUpdate());
  readonly #recorder = new Recorder({
    changed: () => this.requestUpdate(),
    window: ({ classId, file, group }) => {
      // A class that was taken out meanwhile gets nothing.
      if (this.#has(classId)) void this.workshop?.addFiles([{ file, className: null, artist: group }], classId);
    },
  });
  #opening = false;

  constructor() {
    super();
    keepFocus(this);
  }

  override connectedCallback() {
    super.connectedCallback();
    addEventListener('dragover', this.#onDragOver);
    addEventListener('drop', this.#onDrop);
    addEventListener('pagehide', this.#onLeave);
    addEventListener('pageshow', this.#onReturn);
    this.#onReturn();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener('dragover', this.#onDragOver);
    removeEventListener('drop', this.#onDrop);
    removeEventListener('pagehide', this.#onLeave);
    removeEventListener('pageshow', this.#onReturn);
    this.#onLeave();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    const { workshop } = this;
    const { classId } = this.#recorder;
    if (classId !== null && !this.#has(classId)) this.#recorder.drop();
    else if (workshop?.elsewhere || workshop?.training.live) this.#recorder.stop();
    if (changed.has('shown') && !this.shown) {
      this.#recorder.stop();
      this.#hearing.stop();
    }
  }

  protected override updated() {
    // Nothing is opened before somebody comes here.
    if (this.shown && !this.#opening) void this.#open();
  }

  #has(classId: string): boolean {
    return this.workshop?.project?.classes.some(({ id }) => id === classId) ?? false;
  }

  async #open() {
    this.#opening = true;
    this.workshop = await Workshop.open(() => this.requestUpdate()).catch((thrown: Error) => {
      this.failure = thrown.message;
      return null;
    });
  }

  protected override render() {
    const { workshop } = this;
    if (!workshop) return this.failure ? html`<div class="note" role="alert"><p class="trouble">${this.failure}</p></div>` : nothing;
    return html`
      ${workshop.project ? this.#project(workshop) : this.#welcome(workshop)}
      <input class="zip hidden" type="file" accept=".zip,application/zip" @change=${this.#onZip} />
      <input class="csv hidden" type="file" accept=".csv,text/csv" @change=${this.#onCsv} />
      <input class="folder hidden" type="file" webkitdirectory @change=${this.#onFolder} />
    `;
  }

  #welcome(workshop: Workshop) {
    return html`
      <h1>${trainTexts.headline}</h1>
      <p class="lead">${trainTexts.lead}</p>
      ${workshop.store.persistent ? nothing : html`<div class="note" role="status"><p>${trainTexts.memoryOnly}</p></div>`}
      ${this.#trouble(workshop)}
      <div class="ways" data-next=".cards">
        <div>
          <button class="main begin" type="button" @click=${() => workshop.create(trainTexts.untitled, trainTexts.classNames)}>${trainTexts.begin}</button>
          <span class="quiet">${trainTexts.beginIs}</span>
        </div>
        <div>
          <button type="button" @click=${() => this.folderPicker.click()}>${trainTexts.fromFolder}</button>
          <span class="quiet">${trainTexts.folderHint}</span>
        </div>
        <div>
          <button type="button" @click=${() => workshop.createExample()}>${trainTexts.tryExample}</button>
          <span class="quiet">${trainTexts.exampleIs}</span>
        </div>
        <div>
          <button type="button" @click=${() => this.csvPicker.click()}>${trainTexts.table.choose}</button>
          <span class="quiet">${trainTexts.table.hint}</span>
        </div>
        <div>
          <button type="button" @click=${() => this.zipPicker.click()}>${trainTexts.openZip}</button>
          <span class="quiet">${trainTexts.zipIs}</span>
        </div>
      </div>
      <p class="quiet">${trainTexts.dropHint}</p>
    `;
  }

  #project(workshop: Workshop) {
    const { project, elsewhere } = workshop;
    if (!project) return nothing;
    const locked = elsewhere || workshop.busy;
    return html`
      <h1>${trainTexts.headline}</h1>
      ${this.#bar(workshop)} ${elsewhere ? html`<div class="note" role="status"><p>${trainTexts.elsewhere}</p></div>` : nothing}
      ${workshop.store.persistent ? nothing : html`<div class="note" role="status"><p>${trainTexts.memoryOnly}</p></div>`}
      ${this.#trouble(workshop)} ${this.#undo(workshop)}
      ${project.table ? this.#table(project) : this.#cards(workshop, project, locked)} ${this.#incoming(workshop)}
      <h2 class="training" tabindex="-1">${trainTexts.training}</h2>
      ${this.#training(workshop)} ${this.#results(workshop)}
    `;
  }

  #cards(workshop: Workshop, project: ProjectRecord, locked: boolean) {
    const { examples } = workshop;
    const recorder = this.#recorder;
    return html`
      <section class="cards" tabindex="-1" aria-label=${trainTexts.classes} data-next=".add-class">
        ${repeat(
          project.classes,
          ({ id }) => id,
          (each, index) => html`<class-card
            .class=${each}
            .others=${project.classes.filter(({ id }) => id !== each.id)}
            .examples=${examples.filter(({ classId }) => classId === each.id)}
            .colour=${genreColour(index)}
            .locked=${locked}
            .playing=${this.#hearing.id}
            .recorder=${recorder}
            .recording=${each.id !== recorder.classId ? 'nothing' : recorder.running ? 'recording' : 'asking'}
            .windows=${each.id === recorder.classId ? recorder.windows : 0}
            .trouble=${each.id === recorder.trouble?.classId ? recorder.trouble.sentence : null}
            @add-files=${(e: CustomEvent) => workshop.addFiles(e.detail, each.id)}
            @rename-class=${(e: CustomEvent<string>) => workshop.renameClass(each.id, e.detail)}
            @remove-class=${() => workshop.removeClass(each.id)}
            @merge-class=${(e: CustomEvent<string>) => workshop.mergeClass(each.id, e.detail)}
            @move-example=${(e: CustomEvent) => workshop.moveExample(e.detail.id, e.detail.classId)}
            @remove-example=${(e: CustomEvent<string>) => workshop.removeExample(e.detail)}
            @hear-example=${(e: CustomEvent<string>) => this.#hear(e.detail)}
          ></class-card>`,
        )}
      </section>
      <div class="row">
        <button class="add-class" type="button" ?disabled=${locked} @click=${() => workshop.addClass(this.#freeName(workshop))}>${trainTexts.addClass}</button>
        <button type="button" ?disabled=${locked} @click=${() => this.folderPicker.click()}>${trainTexts.fromFolder}</button>
        <label class="check"
          ><input type="checkbox" .checked=${project.keepAudio} ?disabled=${locked} @change=${(e: Event) => workshop.keepAudio((e.target as HTMLInputElement).checked)} />${trainTexts.keepAudio}</label
        >
      </div>
    `;
  }

  #table({ classes, table }: ProjectRecord) {
    if (!table) return nothing;
    const { is, count } = trainTexts.table;
    return html`<p>${is(table.labels.length, table.columns.join(', '))}</p>
      <p class="quiet">${classes.map(({ name }, index) => count(name, table.labels.filter((label) => label === index).length)).join(', ')}</p>`;
  }

  #bar(workshop: Workshop) {
    const { project, projects, usage } = workshop;
    const live = workshop.busy;
    const locked = workshop.elsewhere || live;
    const megabytes = usage.usage === null ? null : (usage.usage / 2 ** 20).toFixed(1);
    return html`<div class="bar" data-next=".begin">
      <div class="row">
        <input
          class="name"
          .value=${project?.name ?? ''}
          aria-label=${trainTexts.projectName}
          ?disabled=${workshop.elsewhere}
          @change=${(e: Event) => workshop.rename((e.target as HTMLInputElement).value.trim() || trainTexts.untitled)}
        />
        <button type="button" @click=${this.#onPack}>${trainTexts.saveProject}</button>
      </div>
      <details class="projects">
        <summary>${trainTexts.projects}</summary>
        <div class="row">
          ${projects.length > 1
            ? html`<select aria-label=${trainTexts.project} ?disabled=${live} @keydown=${openByArrow} @change=${(e: Event) => workshop.show((e.target as HTMLSelectElement).value)}>
                ${projects.map(({ id, name }) => html`<option value=${id} ?selected=${id === project?.id}>${name}</option>`)}
              </select>`
            : nothing}
          <button type="button" ?disabled=${live} @click=${() => workshop.create(trainTexts.untitled, trainTexts.classNames)}>${trainTexts.newProject}</button>
          <button type="button" ?disabled=${live} @click=${() => this.zipPicker.click()}>${trainTexts.openZip}</button>
          <button type="button" ?disabled=${live} @click=${() => this.csvPicker.click()}>${trainTexts.table.choose}</button>
          <button type="button" ?disabled=${live} @click=${() => workshop.createExample()}>${trainTexts.tryExample}</button>
        </div>
        <div class="row">
          <button type="button" ?disabled=${locked} @click=${() => workshop.duplicate()}>${trainTexts.duplicateProject}</button>
          <button type="button" ?disabled=${locked} @click=${this.#onDelete}>${trainTexts.deleteProject}</button>
          <button type="button" ?disabled=${live} @click=${this.#onClear}>${trainTexts.clearAll}</button>
        </div>
        ${megabytes ? html`<p class="quiet">${trainTexts.used(megabytes, usage.persisted)}</p>` : nothing}
      </details>
    </div>`;
  }

  #trouble({ trouble }: Workshop) {
    return trouble ? html`<div class="note" role="alert"><p class="trouble">${trouble}</p></div>` : nothing;
  }

  #undo(workshop: Workshop) {
    if (!workshop.undo) return nothing;
    return html`<div class="note" role="status" data-next=".cards">
      <p>${workshop.undo.what}</p>
      <button type="button" @click=${() => workshop.takeBack()}>${trainTexts.undo}</button>
    </div>`;
  }

  #incoming(workshop: Workshop) {
    const { incoming } = workshop;
    const hearing = incoming.find(({ state }) => state === 'hearing');
    const refused = incoming.filter(({ state }) => state === 'refused');
    // Of a recording each window would be told; its panel counts them.
    const role = this.#recorder.classId === null ? 'status' : nothing;
    return html`
      <div class="incoming" role=${role} data-next=".add-class">
        ${hearing
          ? html`<p>${trainTexts.hearing(workshop.incomingLeft, hearing.name)}</p>
              <button type="button" @click=${() => workshop.cancelIncoming()}>${trainTexts.cancel}</button>`
          : nothing}
      </div>
      ${refused.length > 0
        ? html`<div class="note" role="status" data-next=".add-class">
            <p>${trainTexts.refused(refused.length)}</p>
            <button type="button" @click=${() => workshop.dismissIncoming()}>${trainTexts.dismiss}</button>
            <ul class="refused">${refused.map(({ name, reason }) => html`<li><strong>${name}</strong>: ${reason}</li>`)}</ul>
          </div>`
        : nothing}
    `;
  }

  #training(workshop: Workshop) {
    const { live } = workshop.training;
    if (live) return this.#live(workshop, live);
    const { interrupted } = workshop;
    return html`
      ${interrupted && !workshop.elsewhere
        ? html`<div class="note" role="status" data-next=".pause h2.training">
            <p>${trainTexts.interrupted(interrupted.epochs.length)}</p>
            <button class="main" type="button" @click=${() => workshop.goOn(interrupted)}>${trainTexts.goOn}</button>
            <button type="button" @click=${() => workshop.giveUp(interrupted)}>${trainTexts.giveUp}</button>
          </div>`
        : nothing}
      <train-panel
        data-next=".pause h2.training"
        .defaults=${workshop.examples.length > 0 || workshop.project?.table ? workshop.settings : null}
        .recipes=${workshop.project?.table ? OF_TABLES : OF_AUDIO}
        .obstacle=${this.#obstacle(workshop)}
        .warnings=${this.#warnings(workshop)}
        @start-training=${({ detail }: CustomEvent<StartTraining>) => workshop.train(detail.settings, detail.backend)}
      ></train-panel>
    `;
  }

  #live(workshop: Workshop, live: LiveRun) {
    const latest = live.record.epochs.at(-1);
    const left = secondsLeft(live, performance.now());
    const share = latest ? ((latest.fold - 1) * latest.epochs + latest.epoch) / (latest.n_folds * latest.epochs) : 0;
    const where = latest ? trainTexts.at(trainTexts.fold(latest.fold, latest.n_folds), latest.epoch, latest.epochs) : trainTexts.preparing(live.heard);
    return html`<div class="live" data-next="h2.result h2.training">
        <progress max="1" .value=${latest ? share : live.heard} aria-label=${where}></progress>
        <p class="spoken" role="status">${live.paused ? trainTexts.paused : trainTexts.goesOn}</p>
        <p class="facts">
          ${live.paused ? `${trainTexts.paused}. ` : ''}${where}${left !== undefined && !live.paused ? `, ${trainTexts.left(duration(left))}` : ''}
        </p>
        ${latest ? html`<p class="facts quiet">${trainTexts.pace(live.windowsPerSecond, live.record.backend, latest.learning_rate.toPrecision(2))}</p>` : nothing}
        ${live.record.fallback ? html`<p class="quiet">${live.record.fallback}</p>` : nothing}
        <div class="row">
          <button class="pause" type="button" @click=${() => (live.paused ? workshop.training.resume() : workshop.training.pause())}>
            ${live.paused ? trainTexts.resume : trainTexts.pause}
          </button>
          <button type="button" ?disabled=${!latest} @click=${() => workshop.training.stop()}>${trainTexts.stop}</button>
        </div>
      </div>
      <train-curves .epochs=${live.record.epochs} .theme=${this.theme}></train-curves>`;
  }

  #results(workshop: Workshop) {
    const { project, model, runs } = workshop;
    const finished = runs.filter(({ status }) => status !== 'running' && status !== 'paused');
    if (!project || finished.length === 0) return nothing;
    return html`
      ${model
        ? html`<h2 class="result" tabindex="-1">${trainTexts.result}</h2>
            <p class="quiet">${trainTexts.whose(seeingTexts.runs.started(model.startedAt))}</p>
            <div class="row">
              ${project.table ? nothing : html`<button class="main" type="button" @click=${this.#onUse}>${trainTexts.useOnListen}</button>`}
              <button type="button" @click=${this.#onSaveWeights}>${trainTexts.saveWeights}</button>
              <span class="quiet">${project.table ? trainTexts.tableWeightsAre : trainTexts.weightsAre}</span>
            </div>
            <run-report
              .run=${model}
              .project=${project}
              .examples=${workshop.examples}
              .theme=${this.theme}
              .playing=${this.#hearing.id}
              @hear-example=${(e: CustomEvent<string>) => this.#hear(e.detail)}
            ></run-report>`
        : nothing}
      <h2>${trainTexts.runs}</h2>
      <runs-table
        .runs=${runs}
        .modelRunId=${project.modelRunId ?? undefined}
        @choose-run=${(e: CustomEvent<string>) => workshop.chooseRun(e.detail)}
        @delete-run=${(e: CustomEvent<string>) => workshop.deleteRun(e.detail)}
      ></runs-table>
    `;
  }

  #obstacle(workshop: Workshop): string | null {
    const { project, examples } = workshop;
    const { obstacles } = trainTexts;
    if (workshop.elsewhere) return obstacles.elsewhere;
    const classes = project?.classes ?? [];
    if (classes.length < 2) return obstacles.classes;
    for (const [index, { id, name }] of classes.entries()) {
      if (name === '') return obstacles.unnamed;
      if (classes.slice(0, index).some((other) => other.name === name)) return obstacles.twice(name);
      const n = project?.table ? project.table.labels.filter((label) => label === index).length : examples.filter(({ classId }) => classId === id).length;
      if (n < 2) return obstacles.files(name, n);
    }
    if (this.#recorder.classId !== null) return obstacles.recording;
    return workshop.incomingLeft > 0 ? obstacles.hearing : null;
  }

  #warnings({ project, examples }: Workshop): string[] {
    const seconds = (project?.classes ?? []).map(({ id, name }) => ({
      name,
      seconds: examples.filter(({ classId }) => classId === id).reduce((sum, example) => sum + example.seconds, 0),
    }));
    const [small, ...rest] = seconds.filter((each) => each.seconds > 0).sort((a, b) => a.seconds - b.seconds);
    const large = rest.at(-1);
    if (!small || !large || large.seconds < UNBALANCED * small.seconds) return [];
    return [trainTexts.unbalanced(large.name, small.name, Math.round(large.seconds / small.seconds))];
  }

  #freeName({ project }: Workshop): string {
    const names = new Set(project?.classes.map(({ name }) => name));
    let n = names.size + 1;
    while (names.has(trainTexts.nextClass(n))) n++;
    return trainTexts.nextClass(n);
  }

  async #hear(id: string) {
    const audio = await this.workshop?.store.audio(id).catch(() => null);
    if (audio) this.#hearing.toggle(id, audio);
  }

  #onUse = () => {
    const { project, model } = this.workshop ?? {};
    if (!project || !model?.weights) return;
    this.dispatchEvent(new CustomEvent('use-weights', { detail: { name: project.name, weights: model.weights } }));
  };

  #onSaveWeights = () => {
    const { project, model } = this.workshop ?? {};
    if (project && model?.weights) save(`${fileNameOf(project.name)}.bpk`, 'application/octet-stream', model.weights as Uint8Array<ArrayBuffer>);
  };

  #onPack = async () => {
    const { workshop } = this;
    const zip = await workshop?.pack();
    if (zip && workshop?.project) save(`${fileNameOf(workshop.project.name)}.zip`, 'application/zip', zip as Uint8Array<ArrayBuffer>);
  };

  #onDelete = () => {
    const { workshop } = this;
    if (workshop?.project && confirm(trainTexts.reallyDelete(workshop.project.name))) void workshop.remove();
  };

  #onClear = () => {
    if (confirm(trainTexts.reallyClear)) void this.workshop?.clear();
  };

  #onZip = () => {
    const [zip] = this.zipPicker.files ?? [];
    if (zip) void this.workshop?.unpack(zip);
    this.zipPicker.value = '';
  };

  #onCsv = () => {
    const [csv] = this.csvPicker.files ?? [];
    if (csv) void this.workshop?.createTable(csv);
    this.csvPicker.value = '';
  };

  #onFolder = async () => {
    const files = sorted(chosenFiles(this.folderPicker.files ?? []));
    this.folderPicker.value = '';
    await this.#addSorted(files);
  };

  async #addSorted(files: ReturnType<typeof sorted>) {
    const { workshop } = this;
    if (!workshop || files.length === 0) return;
    if (!workshop.project) await workshop.create(trainTexts.untitled, []);
    await workshop.addFiles(files, workshop.project?.classes[0]?.id ?? null);
  }

  #onDragOver = (event: DragEvent) => {
    if (this.shown && event.dataTransfer?.types.includes('Files')) event.preventDefault();
  };

  #onDrop = async (event: DragEvent) => {
    if (!this.shown || !event.dataTransfer) return;
    event.preventDefault();
    const files = await droppedFiles(event.dataTransfer);
    if (this.workshop?.busy) return;
    // Of a dropped folder, only the sounds are meant.
    const dropped = (ending: string) => files.find(({ file, folders }) => folders.length === 0 && file.name.toLowerCase().endsWith(ending))?.file;
    const [zip, csv] = [dropped('.zip'), dropped('.csv')];
    if (zip) return void this.workshop?.unpack(zip);
    if (csv) return void this.workshop?.createTable(csv);
    await this.#addSorted(sorted(files));
  };

  #onLeave = () => {
    this.#hearing.stop();
    this.#recorder.drop();
    this.workshop?.close();
    this.workshop = null;
  };

  /** The page comes back as it was left, and what was let go of is taken up again. */
  #onReturn = (event?: PageTransitionEvent) => {
    if (event && !event.persisted) return;
    this.#opening = this.workshop !== null;
    this.requestUpdate();
  };
}

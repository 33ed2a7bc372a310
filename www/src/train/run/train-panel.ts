import { LitElement, type PropertyValues, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { BackendChoice } from 'tonearm';
import type { Effort, OptimizerName, RecipeName, TrainSettings } from 'tonearm/project';
import { backendInAddress } from '../../page/address.js';
import { isPending } from '../../shared/pending-modules.js';
import { focusRing } from '../../shared/shared-styles.js';
import { trainTexts } from '../texts.js';
import { controls } from '../train-styles.js';
import { sentenceOf } from './training.js';

/** A number that can be set, with what its field allows. */
type NumberName = { [K in keyof TrainSettings]: TrainSettings[K] extends number ? K : never }[keyof TrainSettings];

const NUMBERS: { name: NumberName; min: number; max: number; step: number | 'any' }[] = [
  { name: 'epochs', min: 1, max: 10_000, step: 1 },
  { name: 'batch', min: 2, max: 1024, step: 1 },
  { name: 'learning_rate', min: 0, max: 1, step: 'any' },
  { name: 'weight_decay', min: 0, max: 10, step: 'any' },
  { name: 'dropout', min: 0, max: 0.9, step: 'any' },
  { name: 'validation', min: 0.05, max: 0.9, step: 'any' },
  { name: 'folds', min: 0, max: 20, step: 1 },
  { name: 'patience', min: 1, max: 10_000, step: 1 },
  { name: 'seed', min: 0, max: 2 ** 31, step: 1 },
];

const OPTIMIZERS: OptimizerName[] = ['adamw', 'adam', 'sgd', 'momentum'];

const BACKENDS: BackendChoice[] = ['auto', 'cpu', 'webgpu'];

/** How to train, and on what. */
export interface StartTraining {
  settings: TrainSettings;
  backend: BackendChoice;
}

/**
 * `<train-panel>`: how to train, and the button that starts it.
 *
 * @fires start-training - `detail` is a {@link StartTraining}.
 */
@customElement('train-panel')
export class TrainPanel extends LitElement {
  static override styles = [
    focusRing,
    controls,
    css`
      :host { display: block; }
      fieldset { border: 0; padding: 0; margin: 0 0 12px; display: flex; flex-wrap: wrap; gap: 16px; }
      fieldset.column { display: grid; gap: 8px; }
      legend { font-size: 14px; color: var(--quiet); padding: 0; margin-block-end: 4px; }
      label.choice { display: flex; gap: 8px; align-items: baseline; }
      details { margin-block: 12px; }
      summary { cursor: pointer; color: var(--quiet); font-size: 14px; }
      .grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(180px, 1fr)); gap: 12px; margin-block: 12px; }
      .grid label:not(.choice) { display: grid; gap: 4px; font-size: 14px; color: var(--quiet); }
    `,
  ];

  /** The core's settings of a recipe that need no touching. */
  @property({ attribute: false }) defaults: ((recipe: RecipeName, effort: Effort) => Promise<TrainSettings>) | null = null;
  /** Those to choose from; the first is chosen at first. */
  @property({ attribute: false }) recipes: readonly RecipeName[] = [];
  /** What the project was last trained with; shown when the panel appears. */
  @property({ attribute: false }) last: TrainSettings | undefined;
  /** Why it cannot be trained now, as a sentence; null if it can. */
  @property({ attribute: false }) obstacle: string | null = null;
  @property({ attribute: false }) warnings: string[] = [];
  @state() private recipe: RecipeName = 'transfer';
  @state() private effort: Effort = 'quick';
  @state() private chosen: TrainSettings | null = null;
  /** Why the settings could not be loaded, as a sentence. */
  @state() private failure = '';
  @state() private changes: Partial<TrainSettings> = {};
  @state() private backend: BackendChoice = backendInAddress();

  protected override render() {
    const settings = this.#settings;
    return html`
      <fieldset class="column">
        <legend>${trainTexts.recipe}</legend>
        ${this.recipes.map(
          (recipe) => html`<label class="choice"
            ><input type="radio" name="recipe" .checked=${recipe === this.recipe} @change=${() => this.#choose(recipe, this.effort)} /><span
              >${trainTexts.recipes[recipe].name} <span class="quiet">${trainTexts.recipes[recipe].what}</span></span
            ></label
          >`,
        )}
      </fieldset>
      <fieldset>
        <legend>${trainTexts.effort}</legend>
        ${(['quick', 'better'] as const).map(
          (effort) => html`<label class="choice"
            ><input type="radio" name="effort" .checked=${effort === this.effort} @change=${() => this.#choose(this.recipe, effort)} />${trainTexts.efforts[effort]}</label
          >`,
        )}
      </fieldset>
      ${settings ? this.#fold(settings) : nothing}
      ${this.failure
        ? html`<div class="row" role="alert">
            <span class="trouble">${this.failure}</span>
            <button type="button" @click=${() => this.#ask()}>${trainTexts.again}</button>
          </div>`
        : nothing}
      ${this.warnings.map((warning) => html`<p class="quiet">${warning}</p>`)}
      <div class="row">
        <button class="main" type="button" ?disabled=${this.obstacle !== null || !settings} @click=${this.#start}>${trainTexts.train}</button>
        ${this.obstacle ? html`<span class="quiet">${this.obstacle}</span>` : nothing}
      </div>
    `;
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (!this.hasUpdated && this.last) {
      const { recipe, folds } = this.last;
      Object.assign(this, { recipe, effort: folds > 0 ? 'better' : 'quick', changes: this.last });
    }
    const [first] = this.recipes;
    if (first && !this.recipes.includes(this.recipe)) this.#choose(first, this.effort);
    else if (changed.has('defaults')) void this.#ask();
  }

  get #settings(): TrainSettings | null {
    const { epochs } = this.changes;
    // However many they are, all are gone through unless somebody wants it otherwise.
    return this.chosen && { ...this.chosen, ...(epochs !== undefined && { patience: epochs }), ...this.changes };
  }

  #fold(settings: TrainSettings) {
    return html`<details>
      <summary>${trainTexts.moreSettings}</summary>
      <div class="grid">
        ${NUMBERS.filter(({ name }) => name !== 'dropout' || settings.recipe === 'cnn' || settings.recipe === 'rnn' || settings.recipe === 'mlp').map(
          ({ name, min, max, step }) => html`<label
            >${trainTexts.settings[name]}
            <input
              type="number"
              name=${name}
              min=${min}
              max=${max}
              step=${step}
              .value=${String(settings[name])}
              @change=${(e: Event) => this.#set(name, e.target as HTMLInputElement)}
          /></label>`,
        )}
        ${settings.recipe === 'transfer' || settings.recipe === 'mlp'
          ? nothing
          : html`<label class="choice"
              ><input type="checkbox" name="augment" .checked=${settings.augment} @change=${(e: Event) => (this.changes = { ...this.changes, augment: (e.target as HTMLInputElement).checked })} />${trainTexts.settings.augment}</label
            >`}
        <label
          >${trainTexts.settings.optimizer}
          <select name="optimizer" @change=${(e: Event) => (this.changes = { ...this.changes, optimizer: (e.target as HTMLSelectElement).value as OptimizerName })}>
            ${OPTIMIZERS.map((name) => html`<option value=${name} ?selected=${name === settings.optimizer}>${trainTexts.optimizers[name]}</option>`)}
          </select></label
        >
        <label
          >${trainTexts.backend}
          <select name="backend" @change=${(e: Event) => (this.backend = (e.target as HTMLSelectElement).value as BackendChoice)}>
            ${BACKENDS.map((name) => backendOption(name, name === this.backend))}
          </select></label
        >
      </div>
    </details>`;
  }

  #set(name: NumberName, input: HTMLInputElement) {
    // What the field refuses stays as it was; the core checks the rest.
    if (input.validity.valid && input.value !== '') this.changes = { ...this.changes, [name]: input.valueAsNumber };
    this.requestUpdate();
  }

  #choose(recipe: RecipeName, effort: Effort) {
    Object.assign(this, { recipe, effort, changes: {}, chosen: null });
    void this.#ask();
  }

  /** Asks for the settings of what is chosen; what was asked for before no longer counts. */
  async #ask() {
    const { recipe, effort } = this;
    const isChosen = () => recipe === this.recipe && effort === this.effort;
    this.failure = '';
    try {
      const settings = await this.defaults?.(recipe, effort);
      if (settings && isChosen()) this.chosen = settings;
    } catch (thrown) {
      if (isChosen()) this.failure = sentenceOf(thrown);
    }
  }

  #start = () => {
    const settings = this.#settings;
    const { backend } = this;
    if (settings) this.dispatchEvent(new CustomEvent<StartTraining>('start-training', { detail: { settings, backend } }));
  };
}

function backendOption(name: BackendChoice, selected: boolean) {
  const label = trainTexts.backends[name];
  if (name === 'webgpu' && isPending('webgpu')) return html`<option value=${name} disabled>${trainTexts.backendBeingBuilt(label)}</option>`;
  return html`<option value=${name} ?selected=${selected}>${label}</option>`;
}

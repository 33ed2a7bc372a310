import { LitElement, type PropertyValues, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { BackendChoice } from 'tonearm';
import type { Effort, OptimizerName, RecipeName, TrainSettings } from 'tonearm/project';
import { backendInAddress } from '../../page/address.js';
import { isPending } from '../../shared/pending-modules.js';
import { controls, focusRing } from '../../shared/shared-styles.js';
import { texts } from '../../texts/texts.js';
import { trainStyles } from '../train-styles.js';
import { errorMessage } from '../../shared/error-message.js';

/** Name of a numeric setting. */
type NumberName = { [K in keyof TrainSettings]: TrainSettings[K] extends number ? K : never }[keyof TrainSettings];

/** Numeric settings and the values that their fields accept. */
const NUMBERS: { name: NumberName; min: number; max: number; step: number | 'any' }[] = [
  { name: 'epochs', min: 1, max: 10_000, step: 1 },
  { name: 'batch', min: 2, max: 1024, step: 1 },
  { name: 'learningRate', min: 0, max: 1, step: 'any' },
  { name: 'weightDecay', min: 0, max: 10, step: 'any' },
  { name: 'dropout', min: 0, max: 0.9, step: 'any' },
  { name: 'validation', min: 0.05, max: 0.9, step: 'any' },
  { name: 'folds', min: 0, max: 20, step: 1 },
  { name: 'patience', min: 1, max: 10_000, step: 1 },
  { name: 'seed', min: 0, max: 2 ** 31, step: 1 },
];

const OPTIMIZERS: OptimizerName[] = ['adamw', 'adam', 'sgd', 'momentum'];

const BACKENDS: BackendChoice[] = ['auto', 'cpu', 'webgpu'];

/** Settings and device of a new run. */
export interface StartTraining {
  settings: TrainSettings;
  backend: BackendChoice;
}

/**
 * `<train-panel>`: the settings of a run, and the button that starts it.
 *
 * @fires start-training - `detail` is a {@link StartTraining}.
 */
@customElement('train-panel')
export class TrainPanel extends LitElement {
  static override styles = [
    focusRing,
    controls,
    trainStyles,
    css`
      :host { display: block; }
      fieldset { border: 0; padding: 0; margin: 0 0 var(--_space-3); display: flex; flex-wrap: wrap; gap: var(--_space-4); }
      fieldset.column { display: grid; gap: var(--_space-2); }
      legend { font-size: var(--_text-small); color: var(--_quiet); padding: 0; margin-block-end: var(--_space-1); }
      label.choice { display: flex; gap: var(--_space-2); align-items: baseline; }
      details { margin-block: var(--_space-3); }
      summary { cursor: pointer; color: var(--_quiet); font-size: var(--_text-small); }
      .grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(180px, 1fr)); gap: var(--_space-3); margin-block: var(--_space-3); }
      .grid label:not(.choice) { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--_space-1); font-size: var(--_text-small); color: var(--_quiet); }
      .grid label.wide { grid-column: 1 / -1; justify-items: start; }
      select { max-inline-size: 100%; }
    `,
  ];

  /** Loads the default settings of a recipe. Null while they are not needed. */
  @property({ attribute: false }) loadDefaults: ((recipe: RecipeName, effort: Effort) => Promise<TrainSettings>) | null = null;
  /** Recipes to choose from. The first one is the default. */
  @property({ attribute: false }) recipes: readonly RecipeName[] = [];
  /** Settings of the project's latest run, used as the initial values. */
  @property({ attribute: false }) lastSettings: TrainSettings | undefined;
  /** Why training cannot start, as a message for the user, or null if it can. */
  @property({ attribute: false }) obstacle: string | null = null;
  @property({ attribute: false }) warnings: string[] = [];
  @state() private recipe: RecipeName = 'transfer';
  @state() private effort: Effort = 'quick';
  @state() private defaults: TrainSettings | null = null;
  /** Why the default settings could not be loaded, as a message for the user. */
  @state() private failure = '';
  /** Settings that differ from the defaults. */
  @state() private changes: Partial<TrainSettings> = {};
  @state() private backend: BackendChoice = backendInAddress();

  protected override render() {
    const settings = this.#settings;
    return html`
      <fieldset class="column">
        <legend>${texts.train.recipe}</legend>
        ${this.recipes.map(
          (recipe) => html`<label class="choice"
            ><input type="radio" name="recipe" .checked=${recipe === this.recipe} @change=${() => this.#choose(recipe, this.effort)} /><span
              >${texts.train.recipes[recipe].name} <span class="quiet">${texts.train.recipes[recipe].description}</span></span
            ></label
          >`,
        )}
      </fieldset>
      <fieldset>
        <legend>${texts.train.effort}</legend>
        ${(['quick', 'better'] as const).map(
          (effort) => html`<label class="choice"
            ><input type="radio" name="effort" .checked=${effort === this.effort} @change=${() => this.#choose(this.recipe, effort)} />${texts.train.efforts[effort]}</label
          >`,
        )}
      </fieldset>
      ${settings ? this.#settingFields(settings) : nothing}
      ${this.failure
        ? html`<div class="row" role="alert">
            <span class="error">${this.failure}</span>
            <button type="button" @click=${() => this.#load()}>${texts.train.retry}</button>
          </div>`
        : nothing}
      ${this.warnings.map((warning) => html`<p class="quiet">${warning}</p>`)}
      <div class="row">
        <button class="main" type="button" ?disabled=${this.obstacle !== null || !settings} @click=${this.#start}>${texts.train.train}</button>
        ${this.obstacle ? html`<span class="quiet">${this.obstacle}</span>` : nothing}
      </div>
    `;
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (!this.hasUpdated && this.lastSettings) {
      const { recipe, folds } = this.lastSettings;
      Object.assign(this, { recipe, effort: folds > 0 ? 'better' : 'quick', changes: this.lastSettings });
    }
    const [first] = this.recipes;
    if (first && !this.recipes.includes(this.recipe)) this.#choose(first, this.effort);
    else if (changed.has('loadDefaults')) void this.#load();
  }

  get #settings(): TrainSettings | null {
    const { epochs } = this.changes;
    // A run completes all epochs unless the user sets a patience.
    return this.defaults && { ...this.defaults, ...(epochs !== undefined && { patience: epochs }), ...this.changes };
  }

  #settingFields(settings: TrainSettings) {
    return html`<details>
      <summary>${texts.train.moreSettings}</summary>
      <div class="grid">
        ${NUMBERS.filter(({ name }) => name !== 'dropout' || settings.recipe === 'cnn' || settings.recipe === 'rnn' || settings.recipe === 'mlp').map(
          ({ name, min, max, step }) => html`<label
            >${texts.train.settings[name]}
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
              ><input type="checkbox" name="augment" .checked=${settings.augment} @change=${(e: Event) => (this.changes = { ...this.changes, augment: (e.target as HTMLInputElement).checked })} />${texts.train.settings.augment}</label
            >`}
        <label
          >${texts.train.settings.optimizer}
          <select name="optimizer" @change=${(e: Event) => (this.changes = { ...this.changes, optimizer: (e.target as HTMLSelectElement).value as OptimizerName })}>
            ${OPTIMIZERS.map((name) => html`<option value=${name} ?selected=${name === settings.optimizer}>${texts.train.optimizers[name]}</option>`)}
          </select></label
        >
        <label class="wide"
          >${texts.train.backend}
          <select name="backend" @change=${(e: Event) => (this.backend = (e.target as HTMLSelectElement).value as BackendChoice)}>
            ${BACKENDS.map((name) => backendOption(name, name === this.backend))}
          </select></label
        >
      </div>
    </details>`;
  }

  #set(name: NumberName, input: HTMLInputElement) {
    // Invalid input is discarded. The core checks the settings again.
    if (input.validity.valid && input.value !== '') this.changes = { ...this.changes, [name]: input.valueAsNumber };
    this.requestUpdate();
  }

  #choose(recipe: RecipeName, effort: Effort) {
    Object.assign(this, { recipe, effort, changes: {}, defaults: null });
    void this.#load();
  }

  /** Loads the default settings of the chosen recipe, and ignores the result if another one was chosen meanwhile. */
  async #load() {
    const { recipe, effort } = this;
    const isChosen = () => recipe === this.recipe && effort === this.effort;
    this.failure = '';
    try {
      const settings = await this.loadDefaults?.(recipe, effort);
      if (settings && isChosen()) this.defaults = settings;
    } catch (thrown) {
      if (isChosen()) this.failure = errorMessage(thrown);
    }
  }

  #start = () => {
    const settings = this.#settings;
    const { backend } = this;
    if (settings) this.dispatchEvent(new CustomEvent<StartTraining>('start-training', { detail: { settings, backend } }));
  };
}

function backendOption(name: BackendChoice, selected: boolean) {
  const label = texts.train.backends[name];
  if (name === 'webgpu' && isPending('webgpu')) return html`<option value=${name} disabled>${texts.train.backendBeingBuilt(label)}</option>`;
  return html`<option value=${name} ?selected=${selected}>${label}</option>`;
}

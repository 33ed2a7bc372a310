import { LitElement, css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type Engine, TABLE_NETWORKS, type TableNetworkName } from 'tonearm';
import { type SharedEngine, shareEngine } from 'tonearm/page';
import { type EchoNestRow, MAX_SHOWN, classifyCsv, classifyRows } from './echo-nest.js';
import { errorMessage } from '../shared/error-message.js';
import { texts } from '../texts/texts.js';
import { controls, disclosure, focusRing, tables } from '../shared/shared-styles.js';

/** Upper limits of the form fields that differ from 1. The lower limit is 0. */
const UPPER_LIMITS: Record<string, number> = { tempo: 250 };

/** `<echo-nest-table>`: classifies Echo Nest features that are typed in or read from a CSV file. */
@customElement('echo-nest-table')
export class EchoNestTable extends LitElement {
  static override styles = [
    focusRing,
    controls,
    disclosure,
    tables,
    css`
      :host { display: block; margin-block-start: var(--_space-10); }
      form { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: var(--_space-3) var(--_space-4); margin-block-end: var(--_space-4); }
      .network { grid-column: 1 / -1; max-inline-size: 420px; }
      label { display: grid; gap: var(--_space-1); font-size: var(--_text-small); color: var(--_quiet); }
      input, select { min-inline-size: 0; }
      .actions { display: flex; flex-wrap: wrap; gap: var(--_space-2); align-items: end; grid-column: 1 / -1; }
      .answer { font-size: var(--_text-heading); }
      .error { color: var(--_danger); }
      .scroll { max-block-size: 480px; }
      table { inline-size: 100%; }
      th, td { white-space: nowrap; }
      input[type='file'] { display: none; }
    `,
  ];

  @state() private network: TableNetworkName = 'mlp-eleven';
  @state() private columns: string[] = [];
  @state() private rows: EchoNestRow[] = [];
  /** Prediction for the row that was typed in. */
  @state() private typed: [string, number][] | undefined;
  @state() private error = '';

  /** Held while the section is open, so that its worker is started only once. */
  #shared: SharedEngine | undefined;

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#release();
  }

  /** Classifies the rows of a CSV file and shows them. */
  async read(file: File) {
    this.renderRoot.querySelector('details')!.open = true;
    await this.#run(async (engine) => {
      const rows = await classifyCsv(engine, this.columns, await file.text());
      return () => Object.assign(this, { rows, typed: undefined });
    });
  }

  protected override render() {
    return html`<details @toggle=${this.#onToggle}>
      <summary>${texts.listen.table.title}</summary>
      <p>${texts.listen.table.hint}</p>
      <form @submit=${this.#onSubmit}>
        <label class="network">${texts.listen.network}
          <select @change=${this.#onNetwork}>
            ${TABLE_NETWORKS.map((name) => html`<option value=${name} ?selected=${name === this.network}>${texts.listen.networks[name]}</option>`)}
          </select>
        </label>
        ${this.columns.map((name) => html`<label>${texts.listen.table.columns[name] ?? name}
          <input name=${name} type="number" required step="any" min="0" max=${UPPER_LIMITS[name] ?? 1} />
        </label>`)}
        <div class="actions">
          <button type="submit">${texts.listen.table.classify}</button>
          <button type="button" @click=${() => this.#file.click()}>${texts.listen.table.choose}</button>
          <input type="file" accept=".csv,text/csv" tabindex="-1" aria-label=${texts.listen.table.choose} @change=${this.#onFile} />
        </div>
      </form>
      <div role="status">${this.#result()}</div>
      ${this.#table()}
    </details>`;
  }

  #result() {
    if (this.error) return html`<p class="error">${this.error}</p>`;
    if (this.typed) return html`<p class="answer">${texts.listen.table.genres(this.typed.slice(0, 3))}</p>`;
    if (this.rows.length === 0) return nothing;
    const { classified, matches, firstShown } = texts.listen.table;
    const known = this.rows.filter(({ genre }) => genre);
    const correct = known.filter(({ genre, top }) => top[0]?.[0] === genre);
    return html`<p>
      ${classified(this.rows.length)} ${known.length > 0 ? matches(correct.length, known.length) : nothing}
      ${this.rows.length > MAX_SHOWN ? firstShown(MAX_SHOWN) : nothing}
    </p>`;
  }

  #table() {
    if (this.rows.length === 0) return nothing;
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${texts.listen.table.title}>
      <table>
        <thead><tr>${texts.listen.table.headings.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>
          ${this.rows.slice(0, MAX_SHOWN).map(({ name, genre, top }) => html`<tr>
            <td>${name}</td><td>${genre}</td><td>${texts.listen.table.genres(top.slice(0, 1))}</td><td>${texts.listen.table.genres(top.slice(1, 3))}</td>
          </tr>`)}
        </tbody>
      </table>
    </div>`;
  }

  get #file(): HTMLInputElement {
    return this.renderRoot.querySelector('input[type="file"]')!;
  }

  /** Loads the network only when the section is opened. */
  #onToggle = (event: Event) => {
    if ((event.target as HTMLDetailsElement).open) void this.#run();
    else this.#release();
  };

  #onNetwork = (event: Event) => {
    this.network = (event.target as HTMLSelectElement).value as TableNetworkName;
    this.#release();
    Object.assign(this, { rows: [], typed: undefined });
    void this.#run();
  };

  #onFile = () => {
    const [file] = this.#file.files ?? [];
    this.#file.value = '';
    if (file) void this.read(file);
  };

  #onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const row = this.columns.map((name) => Number(form.get(name)));
    void this.#run(async (engine) => {
      const [typed] = await classifyRows(engine, [row]);
      return () => Object.assign(this, { typed, rows: [] });
    });
  };

  #release() {
    this.#shared?.release();
    this.#shared = undefined;
  }

  /** Loads the network, runs an action with it and shows the result or error, unless another network was chosen meanwhile. */
  async #run(action?: (engine: Engine) => Promise<() => void>) {
    // These networks are so small that the GPU would not pay off.
    const shared = (this.#shared ??= shareEngine({ network: this.network, backend: 'cpu' }));
    this.error = '';
    try {
      const metadata = await shared.engine.metadata();
      if (shared === this.#shared) this.columns = metadata.network.input.columns?.names ?? [];
      const show = await action?.(shared.engine);
      if (shared === this.#shared) show?.();
    } catch (thrown) {
      if (shared !== this.#shared) return;
      Object.assign(this, { rows: [], typed: undefined, error: errorMessage(thrown) });
    }
  }
}

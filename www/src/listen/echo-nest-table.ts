import { LitElement, css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type Engine, type SharedEngine, TABLE_NETWORKS, type TableNetworkName, shareEngine } from 'tonearm';
import { type EchoNestRow, MAX_SHOWN, classifyCsv, classifyRows } from './echo-nest.js';
import { focusRing } from '../shared/shared-styles.js';
import { texts } from '../page/texts.js';

/** Largest number of each feature, for the form; all begin at 0. */
const LARGEST: Record<string, number> = { tempo: 250 };

/** `<echo-nest-table>`: classifies rows of Echo Nest features, typed or of a CSV. */
@customElement('echo-nest-table')
export class EchoNestTable extends LitElement {
  static override styles = [
    focusRing,
    css`
      :host { display: block; margin-block-start: 40px; }
      summary { cursor: pointer; padding-block: 8px; color: var(--quiet); }
      summary:hover { color: var(--ink); }
      p { margin: 0 0 12px; max-inline-size: 68ch; }
      form { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: 12px 16px; margin-block-end: 16px; }
      .which { grid-column: 1 / -1; max-inline-size: 420px; }
      label { display: grid; gap: 4px; font-size: 14px; color: var(--quiet); }
      input, select, button { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 8px; min-block-size: 40px; padding: 0 8px; box-sizing: border-box; min-inline-size: 0; }
      button { cursor: pointer; padding: 0 16px; font-size: 14px; }
      button:hover { border-color: var(--quiet); }
      .actions { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; grid-column: 1 / -1; }
      .answer { font-size: 20px; }
      .error { color: var(--accent); }
      .scroll { overflow: auto; max-block-size: 480px; }
      table { border-collapse: collapse; inline-size: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
      th, td { text-align: start; padding: 4px 12px 4px 0; border-block-end: 1px solid var(--line); white-space: nowrap; }
      input[type='file'] { display: none; }
    `,
  ];

  @state() private network: TableNetworkName = 'mlp-eleven';
  @state() private columns: string[] = [];
  @state() private rows: EchoNestRow[] = [];
  @state() private answer: [string, number][] | undefined;
  @state() private error = '';

  /** Held while the table is open, so that a row costs no new worker. */
  #shared: SharedEngine | undefined;

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#giveBack();
  }

  /** Classifies the rows of a CSV file and shows them. */
  async read(file: File) {
    this.renderRoot.querySelector('details')!.open = true;
    await this.#try(async (engine) => {
      const rows = await classifyCsv(engine, this.columns, await file.text());
      return () => Object.assign(this, { rows, answer: undefined });
    });
  }

  protected override render() {
    return html`<details @toggle=${this.#onToggle}>
      <summary>${texts.table.title}</summary>
      <p>${texts.table.what}</p>
      <form @submit=${this.#onSubmit}>
        <label class="which">${texts.network}
          <select @change=${this.#onNetwork}>
            ${TABLE_NETWORKS.map((name) => html`<option value=${name} ?selected=${name === this.network}>${texts.networks[name]}</option>`)}
          </select>
        </label>
        ${this.columns.map((name) => html`<label>${texts.table.column(name)}
          <input name=${name} type="number" required step="any" min="0" max=${LARGEST[name] ?? 1} />
        </label>`)}
        <div class="actions">
          <button type="submit">${texts.table.classify}</button>
          <button type="button" @click=${() => this.#file.click()}>${texts.table.choose}</button>
          <input type="file" accept=".csv,text/csv" tabindex="-1" aria-label=${texts.table.choose} @change=${this.#onFile} />
        </div>
      </form>
      <div role="status">${this.#result()}</div>
      ${this.#table()}
    </details>`;
  }

  #result() {
    if (this.error) return html`<p class="error">${this.error}</p>`;
    if (this.answer) return html`<p class="answer">${texts.table.answer(this.answer.slice(0, 3))}</p>`;
    const known = this.rows.filter(({ genre }) => genre);
    const right = known.filter(({ genre, top }) => top[0]?.[0] === genre);
    return this.rows.length > 0 ? html`<p>${texts.table.counted(this.rows.length, MAX_SHOWN, known.length, right.length)}</p>` : nothing;
  }

  #table() {
    if (this.rows.length === 0) return nothing;
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${texts.table.title}>
      <table>
        <thead><tr>${texts.table.headings.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>
          ${this.rows.slice(0, MAX_SHOWN).map(({ name, genre, top }) => html`<tr>
            <td>${name}</td><td>${genre}</td><td>${texts.table.answer(top.slice(0, 1))}</td><td>${texts.table.answer(top.slice(1, 3))}</td>
          </tr>`)}
        </tbody>
      </table>
    </div>`;
  }

  get #file(): HTMLInputElement {
    return this.renderRoot.querySelector('input[type="file"]')!;
  }

  /** Nothing is fetched before a person opens it. */
  #onToggle = (event: Event) => {
    if ((event.target as HTMLDetailsElement).open) void this.#try(async () => () => undefined);
    else this.#giveBack();
  };

  #onNetwork = (event: Event) => {
    this.network = (event.target as HTMLSelectElement).value as TableNetworkName;
    this.#giveBack();
    Object.assign(this, { rows: [], answer: undefined });
    void this.#try(async () => () => undefined);
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
    void this.#try(async (engine) => {
      const [answer] = await classifyRows(engine, [row]);
      return () => Object.assign(this, { answer, rows: [] });
    });
  };

  #giveBack() {
    this.#shared?.release();
    this.#shared = undefined;
  }

  /** Does something with the engine and shows what came out, unless another was chosen meanwhile. */
  async #try(action: (engine: Engine) => Promise<() => void>) {
    // One row is no work for a graphics card.
    const shared = (this.#shared ??= shareEngine({ network: this.network, backend: 'cpu' }));
    this.error = '';
    try {
      const card = await shared.engine.card();
      if (shared === this.#shared) this.columns = card.network.input.columns?.names ?? [];
      const show = await action(shared.engine);
      if (shared === this.#shared) show();
    } catch (thrown) {
      if (shared !== this.#shared) return;
      Object.assign(this, { rows: [], answer: undefined, error: thrown instanceof Error ? thrown.message : String(thrown) });
    }
  }
}

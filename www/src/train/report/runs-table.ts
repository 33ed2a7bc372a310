import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Backend } from 'tonearm';
import type { TrainEpoch, TrainResult, TrainSettings } from 'tonearm/project';
import { focusRing } from '../../shared/shared-styles.js';
import { percent } from './predictions.js';
import { seeingStyles } from './report-styles.js';
import { seeingTexts } from './report-texts.js';

/** A run as the table shows it. */
export interface TrainRun {
  id: string;
  /** In milliseconds since 1970. */
  startedAt: number;
  settings: TrainSettings;
  backend: Backend;
  status: 'running' | 'paused' | 'done' | 'stopped' | 'failed';
  epochs: TrainEpoch[];
  result: TrainResult | null;
  weights: Uint8Array | null;
}

/**
 * `<runs-table>`: the runs of a project, the latest first, which of them is its model, and which are
 * compared.
 *
 * @fires choose-run - `detail` is the id of a run that has a result.
 * @fires compare-run - `detail` is the id of a run that has a result, to be compared or no longer.
 * @fires delete-run - `detail` is the id of a run that is not running.
 */
@customElement('runs-table')
export class RunsTable extends LitElement {
  static override styles = [
    focusRing,
    seeingStyles,
    css`
      :host { container-type: inline-size; }
      table { inline-size: 100%; }
      th, td { vertical-align: top; padding-block: 8px; }
      tbody th { font-weight: 400; }
      time { font-weight: 600; white-space: nowrap; }
      small { display: block; font-size: 13px; color: var(--quiet); }
      .pick { inline-size: 48px; }
      input { inline-size: 24px; block-size: 24px; margin: 0; accent-color: var(--accent); }
      .status, .labelled small { white-space: nowrap; }
      .failed { color: var(--accent); }
      .remove { text-align: end; }
      .chosen { background: var(--well); box-shadow: inset 3px 0 var(--accent); }
      .chosen td:first-child, tr td:first-child, tr th:first-child { padding-inline-start: 12px; }
      th:last-child, td:last-child { padding-inline-end: 12px; }
      /* A row becomes a card; the roles in the template keep the table what it is. */
      @container (max-width: 640px) {
        table, tbody { display: block; }
        caption { display: block; }
        thead { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
        tr { display: grid; grid-template-columns: 44px minmax(0, 1fr); border-block-end: 1px solid var(--line); padding-block: 8px; }
        th, td { border: 0; padding: 2px 12px 2px 0; grid-column: 2; text-align: start; white-space: normal; }
        .pick { grid-area: 1 / 1 / span 6; }
        .labelled { display: flex; gap: 8px; }
        .labelled small { display: inline; }
        .labelled::before { content: attr(data-name); color: var(--quiet); flex: 0 0 64px; }
        .remove { padding-block-start: 8px; }
      }
    `,
  ];

  @property({ attribute: false }) runs: TrainRun[] = [];
  /** The run that is the project's model. */
  @property({ attribute: false }) modelRunId: string | undefined;
  /** The runs that are compared. */
  @property({ attribute: false }) compared: readonly string[] = [];
  /** The run that a person wants gone, and where its row stands. */
  #leaving: { id: string; index: number } | undefined;

  protected override render() {
    const { name, caption, columns, none } = seeingTexts.runs;
    if (this.runs.length === 0) return html`<p class="quiet">${none}</p>`;
    return html`<table role="table" aria-label=${name}>
      <caption>${caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          ${Object.entries(columns).map(
            ([key, column]) => html`<th role="columnheader" scope="col" class=${key === 'remove' ? 'remove' : ''}>
              <span class=${key === 'remove' ? 'visually-hidden' : ''}>${column}</span>
            </th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${repeat(this.#latestFirst(), ({ id }) => id, (run, i) => this.#row(run, i))}
      </tbody>
    </table>`;
  }

  protected override updated() {
    const { id, index } = this.#leaving ?? {};
    if (id === undefined || index === undefined || this.runs.some((run) => run.id === id)) return;
    this.#leaving = undefined;
    // The button that was pressed is gone; what is nearest to it takes the focus, if nothing else has.
    if (document.activeElement !== document.body) return;
    const buttons = [...this.renderRoot.querySelectorAll<HTMLButtonElement>('.remove button:enabled')];
    buttons[Math.min(index, buttons.length - 1)]?.focus();
  }

  #latestFirst(): TrainRun[] {
    return [...this.runs].sort((a, b) => b.startedAt - a.startedAt);
  }

  #row(run: TrainRun, index: number) {
    const { id, startedAt, settings, backend, status, result, weights } = run;
    const { runs } = seeingTexts;
    const started = runs.started(startedAt);
    const chosen = id === this.modelRunId;
    return html`<tr role="row" class=${chosen ? 'chosen' : ''}>
      <td role="cell" class="pick">
        <input
          type="radio"
          name="model"
          aria-label=${runs.use(started)}
          .checked=${live(chosen)}
          ?disabled=${!weights}
          @change=${() => this.#emit('choose-run', id)}
        />
      </td>
      <th role="rowheader" scope="row"><time datetime=${new Date(startedAt).toISOString()}>${started}</time></th>
      <td role="cell">${runs.made(runs.recipes[settings.recipe], runs.backends[backend])}<small>${runs.settings(settings)}</small></td>
      <td role="cell" class="labelled" data-name=${runs.columns.epochs}>${epochs(run)}</td>
      <td role="cell" class="labelled" data-name=${runs.columns.right}>${right(result)}</td>
      <td role="cell" class="labelled status ${status}" data-name=${runs.columns.status}>${runs.status[status]}</td>
      <td role="cell" class="labelled" data-name=${runs.columns.compare}>
        <input
          type="checkbox"
          aria-label=${runs.compare(started)}
          .checked=${live(this.compared.includes(id))}
          ?disabled=${!result}
          @change=${() => this.#emit('compare-run', id)}
        />
      </td>
      <td role="cell" class="remove">
        <button type="button" aria-label=${runs.removeRun(started)} ?disabled=${status === 'running'} @click=${() => this.#remove(id, index)}>
          ${runs.remove}
        </button>
      </td>
    </tr>`;
  }

  #remove(id: string, index: number) {
    this.#leaving = { id, index };
    this.#emit('delete-run', id);
  }

  #emit(type: string, detail: string) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

/** How far a run has come, and which epoch it kept. */
function epochs({ epochs, settings, result }: TrainRun) {
  const { runs } = seeingTexts;
  const latest = epochs.at(-1);
  const done = runs.epochs(latest?.epoch ?? 0, latest?.epochs ?? settings.epochs);
  const more = [
    ...(latest && latest.n_folds > 1 ? [runs.fold(latest.fold, latest.n_folds - 1)] : []),
    ...(result ? [runs.kept(result.kept_epoch)] : []),
  ];
  return html`<span>${done}${more.length > 0 ? html` <small>${more.join(', ')}</small>` : nothing}</span>`;
}

function right(result: TrainResult | null) {
  if (!result || result.metrics.n === 0) return html`<span class="quiet">${seeingTexts.none}</span>`;
  const { n, top1 } = result.metrics;
  return html`<span>${percent(top1, n)} <small>${seeingTexts.runs.of(n)}</small></span>`;
}

import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { TrainResult } from 'tonearm/project';
import { RowFocus } from '../../shared/focus.js';
import { focusRing, narrow, visuallyHiddenRules } from '../../shared/shared-styles.js';
import type { RunRecord } from '../store/records.js';
import { percentOfFiles } from './predictions.js';
import { reportStyles } from './report-styles.js';
import { texts } from '../../texts/texts.js';

/**
 * `<runs-table>`: the runs of a project, latest first, with controls to select the model and the runs to compare.
 *
 * @fires choose-run - `detail` is the id of a run with weights, which becomes the model.
 * @fires compare-run - `detail` is the id of a run with a result, which was added to the comparison or removed from it.
 * @fires rename-run - `detail` is `{ id, name }`; an empty name removes the name.
 * @fires delete-run - `detail` is the id of a run that is not running.
 */
@customElement('runs-table')
export class RunsTable extends LitElement {
  static override styles = [
    focusRing,
    reportStyles,
    css`
      :host { container-type: inline-size; }
      table { inline-size: 100%; }
      th, td { vertical-align: top; padding-block: var(--_space-2); }
      tbody th { font-weight: 400; }
      time { font-weight: 600; white-space: nowrap; }
      small { display: block; font-size: var(--_text-small); color: var(--_quiet); }
      .pick { inline-size: 48px; }
      input:is([type='radio'], [type='checkbox']) { inline-size: 24px; block-size: 24px; margin: 0; }
      input.name { inline-size: 100%; min-inline-size: 120px; min-block-size: var(--_control-small); padding-inline: var(--_space-1); margin-inline-start: calc(-1px - var(--_space-1)); font-weight: 600; border-color: transparent; }
      input.name:is(:hover, :focus):enabled, input.name:placeholder-shown { border-color: var(--_line); }
      .status, .labelled small { white-space: nowrap; }
      .failed { color: var(--_danger); }
      .remove { text-align: end; }
      .chosen { background: var(--_well); box-shadow: inset 3px 0 var(--_accent); }
      .chosen td:first-child, tr td:first-child, tr th:first-child { padding-inline-start: var(--_space-3); }
      th:last-child, td:last-child { padding-inline-end: var(--_space-3); }
      /* Rows become cards. The ARIA roles in the template preserve the semantics of the table. */
      @container ${narrow} {
        table, tbody { display: block; }
        caption { display: block; }
        thead { ${visuallyHiddenRules} }
        tr { display: grid; grid-template-columns: 44px minmax(0, 1fr); border-block-end: 1px solid var(--_line); padding-block: var(--_space-2); }
        th, td { border: 0; padding: 2px var(--_space-3) 2px 0; grid-column: 2; text-align: start; white-space: normal; }
        .pick { grid-area: 1 / 1 / span 6; }
        .labelled { display: flex; gap: var(--_space-2); }
        .labelled small { display: inline; }
        .labelled::before { content: attr(data-name); color: var(--_quiet); flex: 0 0 64px; }
        .remove { padding-block-start: var(--_space-2); }
      }
    `,
  ];

  @property({ attribute: false }) runs: RunRecord[] = [];
  /** The run that is the project's model. */
  @property({ attribute: false }) modelRunId: string | undefined;
  /** Whether another tab has the project open, which makes the runs read-only here. */
  @property({ type: Boolean }) locked = false;
  /** Ids of the runs that are compared. */
  @property({ attribute: false }) compared: readonly string[] = [];
  readonly #rowFocus = new RowFocus();

  protected override render() {
    const { table: name, caption, columns, none } = texts.report.runs;
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
    const row = this.#rowFocus.next(this.#latestFirst().map(({ id }) => id));
    if (!row) return;
    const buttons = [...this.renderRoot.querySelectorAll<HTMLButtonElement>('.remove button:enabled')];
    buttons[Math.min(row.index, buttons.length - 1)]?.focus();
  }

  #latestFirst(): RunRecord[] {
    return [...this.runs].sort((a, b) => b.startedAt - a.startedAt);
  }

  #row(run: RunRecord, index: number) {
    const { id, startedAt, settings, backend, status, result, weights } = run;
    const { runs } = texts.report;
    const started = runs.started(startedAt);
    const title = runs.title(run);
    const chosen = id === this.modelRunId;
    return html`<tr role="row" class=${chosen ? 'chosen' : ''}>
      <td role="cell" class="pick">
        <input
          type="radio"
          name="model"
          aria-label=${runs.use(title)}
          .checked=${live(chosen)}
          ?disabled=${!weights || this.locked}
          @change=${() => this.#emit('choose-run', id)}
        />
      </td>
      <th role="rowheader" scope="row">
        <time datetime=${new Date(startedAt).toISOString()}>${started}</time>
        <input
          class="name"
          dir="auto"
          .value=${run.name ?? ''}
          placeholder=${runs.name}
          aria-label=${runs.nameOf(started)}
          ?disabled=${this.locked}
          @change=${(event: Event) => this.#rename(run, event.target as HTMLInputElement)}
        />
      </th>
      <td role="cell">${runs.method(runs.recipes[settings.recipe], runs.devices[backend])}<small>${runs.settings(settings)}</small></td>
      <td role="cell" class="labelled" data-name=${runs.columns.epochs}>${epochs(run)}</td>
      <td role="cell" class="labelled" data-name=${runs.columns.accuracy}>${accuracy(result)}</td>
      <td role="cell" class="labelled status ${status}" data-name=${runs.columns.status}>${runs.status[status]}</td>
      <td role="cell" class="labelled" data-name=${runs.columns.compare}>
        <input
          type="checkbox"
          aria-label=${runs.compare(title)}
          .checked=${live(this.compared.includes(id))}
          ?disabled=${!result}
          @change=${() => this.#emit('compare-run', id)}
        />
      </td>
      <td role="cell" class="remove">
        <button type="button" aria-label=${runs.removeRun(title)} ?disabled=${status === 'running' || this.locked} @click=${() => this.#remove(id, index)}>
          ${runs.remove}
        </button>
      </td>
    </tr>`;
  }

  #rename({ id, name = '' }: RunRecord, input: HTMLInputElement) {
    this.#emit('rename-run', { id, name: input.value.trim() });
    // The new name is shown when it is saved.
    input.value = name;
  }

  #remove(id: string, index: number) {
    this.#rowFocus.leave(id, index);
    this.#emit('delete-run', id);
  }

  #emit(type: string, detail: string | { id: string; name: string }) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

/** Number of epochs, the fold, and the epoch that was kept. */
function epochs({ epochs, settings, result }: RunRecord) {
  const { runs } = texts.report;
  const latest = epochs.at(-1);
  const done = runs.epochs(latest?.epoch ?? 0, latest?.epochs ?? settings.epochs);
  const details = [
    ...(latest && latest.nFolds > 1 ? [runs.fold(latest.fold, latest.nFolds - 1)] : []),
    ...(result ? [runs.keptEpoch(result.keptEpoch)] : []),
  ];
  return html`<span>${done}${details.length > 0 ? html` <small>${runs.details(details)}</small>` : nothing}</span>`;
}

function accuracy(result: TrainResult | null) {
  if (!result || result.metrics.n === 0) return html`<span class="quiet">${texts.report.none}</span>`;
  const { n, top1 } = result.metrics;
  return html`<span>${percentOfFiles(top1, n)} <small>${texts.report.runs.of(n)}</small></span>`;
}

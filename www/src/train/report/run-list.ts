import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import type { Theme } from '../../page/theme.js';
import type { MeasuredRun } from './comparison.js';
import type { RunRecord } from '../store/records.js';
import './run-comparison.js';
import './runs-table.js';
import { reportStyles } from './report-styles.js';
import { texts } from '../../texts/texts.js';

/** `<run-list>`: the runs of a project, and a comparison of two of them. The events of its children bubble through it. */
@customElement('run-list')
export class RunList extends LitElement {
  static override styles = [reportStyles, css`p { margin-block-start: var(--_space-2); }`];

  @property({ attribute: false }) runs: RunRecord[] = [];
  @property({ attribute: false }) modelRunId: string | undefined;
  /** Whether another tab has the project open, which makes the runs read-only here. */
  @property({ type: Boolean }) locked = false;
  @property() theme: Theme = 'light';
  @property() playing: string | null = null;
  /** Ids of the runs that are selected for comparison, at most two. */
  @state() private compared: readonly string[] = [];

  protected override render() {
    const { comparison } = texts.report;
    const chosen = this.runs.filter((run): run is MeasuredRun => run.result !== null && this.compared.includes(run.id));
    const [first, second] = chosen.sort((a, b) => a.startedAt - b.startedAt);
    const measured = this.runs.filter(({ result }) => result).length;
    return html`
      <runs-table .runs=${this.runs} .locked=${this.locked} .modelRunId=${this.modelRunId} .compared=${chosen.map(({ id }) => id)} @compare-run=${this.#onCompare}></runs-table>
      ${measured > 1 ? html`<p class="quiet" role="status">${second ? comparison.shown : first ? comparison.chooseAnother : comparison.chooseTwo}</p>` : nothing}
      ${guard([first, second, this.theme, this.playing], () =>
        first && second
          ? html`<run-comparison .runs=${[first, second] as const} .theme=${this.theme} .playing=${this.playing}></run-comparison>`
          : nothing,
      )}
    `;
  }

  #onCompare = ({ detail: id }: CustomEvent<string>) => {
    const others = this.compared.filter((each) => each !== id);
    this.compared = others.length < this.compared.length ? others : [...others.slice(-1), id];
  };
}

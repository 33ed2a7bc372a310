import { LitElement, css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type Card, NETWORKS, type NetworkName, type SharedEngine, TABLE_NETWORKS, type TableNetworkName, shareEngine, windowSeconds } from 'tonearm';
import { backendInAddress, networkInAddress } from '../page/address.js';
import { texts } from '../page/texts.js';

/**
 * `<model-card>`: what the weights file says of itself, read from the file that the page uses, so
 * that the figures cannot drift from it.
 */
@customElement('model-card')
export class ModelCard extends LitElement {
  static override styles = css`
    :host { display: block; min-block-size: 400px; font-size: 14px; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; inline-size: 100%; margin-block-end: 24px; font-variant-numeric: tabular-nums; }
    th { font-weight: 600; }
    th, td { text-align: end; padding: 4px 0 4px 12px; border-block-end: 1px solid var(--line); white-space: nowrap; }
    th:first-child, td:first-child { text-align: start; padding-inline-start: 0; white-space: normal; }
    dl { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: 0 16px; margin: 0; }
    dt, dd { margin: 0; padding: 4px 0; border-block-end: 1px solid var(--line); overflow-wrap: anywhere; }
    dt { color: var(--quiet); }
    select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; min-block-size: 36px; padding: 0 8px; max-inline-size: 100%; }
    .figures thead th { white-space: normal; vertical-align: bottom; }
    .confusion td { text-align: center; min-inline-size: 24px; }
    .confusion thead th { writing-mode: vertical-rl; rotate: 180deg; text-align: start; padding: 4px; }
    .error { color: var(--accent); }
    @media (max-width: 600px) { dl { grid-template-columns: minmax(0, 1fr); } dt { border: 0; padding-block-end: 0; } }
  `;

  /** The network whose card is shown; a person may choose another. */
  @property() network: NetworkName | TableNetworkName = networkInAddress();
  @state() private card: Card | undefined;
  @state() private error = '';
  /** Whether another card is on its way; the one before stays until it comes, so that nothing jumps. */
  @state() private busy = false;
  /** The engine of the tracks, where there are any: the weights are loaded once. */
  #shared: SharedEngine | undefined;

  /** The file is fetched when a person gets this far. */
  readonly #sight = new IntersectionObserver(([entry]) => {
    if (!entry?.isIntersecting) return;
    this.#sight.disconnect();
    void this.#read();
  });

  override connectedCallback() {
    super.connectedCallback();
    this.#sight.observe(this);
  }

  async #read() {
    const before = this.#shared;
    const shared = (this.#shared = shareEngine({ network: this.network, backend: backendInAddress() }));
    before?.release();
    this.error = '';
    this.busy = true;
    try {
      const card = await shared.engine.card();
      if (shared === this.#shared) Object.assign(this, { card, busy: false });
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown.message : String(thrown);
      if (shared === this.#shared) Object.assign(this, { error, busy: false });
    }
  }

  #onChoose = (event: Event) => {
    this.network = (event.target as HTMLSelectElement).value as NetworkName;
    void this.#read();
  };

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#sight.disconnect();
    this.#shared?.release();
    this.#shared = undefined;
  }

  protected override render() {
    return html`<p>
        <label>${texts.card.choose}
          <select @change=${this.#onChoose}>
            ${[...NETWORKS, ...TABLE_NETWORKS].map((name) => html`<option value=${name} ?selected=${name === this.network}>${texts.networks[name]}</option>`)}
          </select></label>
      </p>
      <div aria-busy=${this.busy ? 'true' : 'false'}>${this.#content()}</div>`;
  }

  #content() {
    if (this.error) return html`<p class="error">${this.error}</p>`;
    if (!this.card) return html`<p>${texts.card.loading}</p>`;
    return html`${figures(this.card)} ${weaknesses(this.card)} ${confusion(this.card)} ${estimates(this.card)} ${facts(this.card)}`;
  }
}

function figures({ card }: Card) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${texts.card.figures}>
    <table class="figures">
      <thead>
        <tr>${texts.card.columns.map((column) => html`<th scope="col">${column}</th>`)}</tr>
      </thead>
      <tbody>
        ${card.figures.map(
          ({ part, n, top1, top3, balanced, macro_f1, raw_ece, ece }) => html`<tr>
            <td>${part}</td>
            <td>${texts.card.count(n)}</td>
            <td>${texts.card.percent(top1)}</td>
            <td>${texts.card.percent(top3)}</td>
            <td>${texts.card.percent(balanced)}</td>
            <td>${macro_f1.toFixed(3)}</td>
            <td>${raw_ece.toFixed(3)}</td>
            <td>${ece.toFixed(3)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Genres that are named as weaknesses. */
const N_WORST = 3;

/** The genres that are found least often, and what they are taken for. */
function weaknesses({ card, labels }: Card) {
  const rows = (card.headline?.confusion ?? []).flatMap((counts, label) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const most = Math.max(...counts.map((count, other) => (other === label ? 0 : count)));
    if (most === 0) return [];
    const taken = counts.findIndex((count, other) => other !== label && count === most);
    return [{ genre: labels[label] ?? '', share: (counts[label] ?? 0) / total, taken: labels[taken] ?? '' }];
  });
  if (rows.length === 0) return '';
  const worst = rows.sort((a, b) => a.share - b.share).slice(0, N_WORST);
  const named = worst.map(({ genre, share, taken }) => ({ genre, recall: texts.card.percent(share), taken }));
  return html`<p><b>${texts.card.badAt}</b>: ${texts.card.weaknesses(named)}</p>`;
}

/** True genres by answers, shares of each row. */
function confusion({ card, labels }: Card) {
  if (!card.headline) return '';
  const { confusion, part } = card.headline;
  return html`<p><b>${texts.card.confusion}</b>. ${texts.card.confusionIs(part)}</p>
    <div class="scroll" tabindex="0" role="region" aria-label=${texts.card.confusion}>
      <table class="confusion">
        <thead>
          <tr><td></td>${labels.map((label) => html`<th scope="col">${label}</th>`)}</tr>
        </thead>
        <tbody>${confusion.map((counts, label) => confusionRow(labels[label] ?? '', counts))}</tbody>
      </table>
    </div>`;
}

function confusionRow(label: string, counts: number[]) {
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  const cell = (count: number) => {
    const share = Math.round((count / total) * 100);
    // No deeper than half, so that the ink stays readable on it.
    return html`<td .style=${`background:color-mix(in srgb, var(--accent) ${share / 2}%, transparent)`}>${share}</td>`;
  };
  return html`<tr><th scope="row">${label}</th>${counts.map(cell)}</tr>`;
}

/** How good the estimates of Echo Nest features are. */
function estimates({ card }: Card) {
  if (card.estimates.length === 0) return '';
  const list = card.estimates.map(({ name, r2 }) => `${name} ${r2.toFixed(2).replace('-0.00', '0.00')}`).join(', ');
  return html`<p>${texts.card.estimates(list)}</p>`;
}

function facts(whole: Card) {
  const { card, labels, threshold } = whole;
  const window = windowSeconds(whole);
  const names = texts.card.facts;
  const headline = card.figures.find(({ part }) => part === card.headline?.part);
  const [low = 0, high = 0] = card.headline?.interval ?? [];
  const rows: [string, string][] = [
    [names.name, card.name],
    [names.labels, labels.join(', ')],
    [names.window, window === undefined ? texts.card.row : texts.card.seconds(window)],
    [names.parameters, texts.card.count(card.n_parameters)],
    [names.multiplyAdds, texts.card.count(card.multiply_adds)],
    [names.threshold, texts.card.sure(texts.card.percent(threshold), texts.card.percent(card.confident.coverage), texts.card.percent(card.confident.accuracy))],
    ...(headline ? [[names.interval, texts.card.interval(texts.card.percent(headline.top1), texts.card.percent(low), texts.card.percent(high))] as [string, string]] : []),
    [names.data, texts.card.rows(card.data.file, texts.card.count(card.data.rows), texts.card.count(card.data.artists), card.data.grouping)],
    ...(card.data.licence ? [[names.licence, card.data.licence] as [string, string]] : []),
    [names.split, texts.card.split(card.folds, card.split.random, card.data.grouping)],
    [names.fittedOn, card.fitted_on],
    [names.command, card.command],
  ];
  return html`<dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

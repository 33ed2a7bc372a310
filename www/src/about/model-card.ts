import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type Metadata, NETWORKS, type NetworkName, TABLE_NETWORKS, type TableNetworkName, windowSeconds } from 'tonearm';
import { type SharedEngine, count, decimal, list, percent, seconds, shareEngine } from 'tonearm/page';
import { backendInAddress, networkInAddress } from '../page/address.js';
import { errorMessage } from '../shared/error-message.js';
import { texts } from '../texts/texts.js';
import { controls, focusRing, narrow, tables } from '../shared/shared-styles.js';

/**
 * `<model-card>`: where the weights of a network come from and how accurate it is. The figures are
 * read from the weights file that the page uses, so they always belong to it.
 */
@customElement('model-card')
export class ModelCard extends LitElement {
  static override styles = [
    focusRing,
    controls,
    tables,
    css`
      :host { display: block; min-block-size: 400px; font-size: var(--_text-small); }
      table { inline-size: 100%; margin-block-end: var(--_space-6); }
      th, td { text-align: end; padding-inline-start: var(--_space-3); white-space: nowrap; }
      th:first-child, td:first-child { text-align: start; white-space: normal; }
      ul { margin: 0 0 var(--_space-4); padding-inline-start: var(--_space-5); }
      dl { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: 0 var(--_space-4); margin: 0; }
      dt, dd { margin: 0; padding: var(--_space-1) 0; border-block-end: 1px solid var(--_line); overflow-wrap: anywhere; }
      dt { color: var(--_quiet); }
      .figures thead th { white-space: normal; vertical-align: bottom; }
      .confusion td { text-align: center; min-inline-size: 24px; }
      .confusion thead th { writing-mode: vertical-rl; rotate: 180deg; text-align: start; padding: var(--_space-1); }
      .error { color: var(--_danger); }
      @media ${narrow} { dl { grid-template-columns: minmax(0, 1fr); } dt { border: 0; padding-block-end: 0; } }
    `,
  ];

  /** The network whose card is shown. */
  @property() network: NetworkName | TableNetworkName = networkInAddress();
  @state() private metadata: Metadata | undefined;
  @state() private error = '';
  /** Whether another card is being loaded. The previous card stays visible meanwhile, so that the layout does not jump. */
  @state() private busy = false;
  /** The engine that Listen uses too, so that the weights are loaded only once. */
  #shared: SharedEngine | undefined;

  /** Loads the weights only when the card scrolls into view. */
  readonly #visibility = new IntersectionObserver(([entry]) => {
    if (!entry?.isIntersecting) return;
    this.#visibility.disconnect();
    void this.#load();
  });

  override connectedCallback() {
    super.connectedCallback();
    this.#visibility.observe(this);
  }

  async #load() {
    const previous = this.#shared;
    const shared = (this.#shared = shareEngine({ network: this.network, backend: backendInAddress() }));
    previous?.release();
    this.error = '';
    this.busy = true;
    try {
      const metadata = await shared.engine.metadata();
      if (shared === this.#shared) Object.assign(this, { metadata, busy: false });
    } catch (thrown) {
      const error = errorMessage(thrown);
      if (shared === this.#shared) Object.assign(this, { error, busy: false });
    }
  }

  #onChoose = (event: Event) => {
    this.network = (event.target as HTMLSelectElement).value as NetworkName;
    void this.#load();
  };

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#visibility.disconnect();
    this.#shared?.release();
    this.#shared = undefined;
  }

  protected override render() {
    return html`<p>
        <label>${texts.modelCard.choose}
          <select @change=${this.#onChoose}>
            ${[...NETWORKS, ...TABLE_NETWORKS].map((name) => html`<option value=${name} ?selected=${name === this.network}>${texts.listen.networks[name]}</option>`)}
          </select></label>
      </p>
      <div aria-busy=${this.busy ? 'true' : 'false'}>${this.#content()}</div>`;
  }

  #content() {
    if (this.error) return html`<p class="error">${this.error}</p>`;
    if (!this.metadata) return html`<p>${texts.modelCard.loading}</p>`;
    return html`${figures(this.metadata)} ${weakestGenres(this.metadata)} ${confusionMatrix(this.metadata)} ${estimates(this.metadata)} ${facts(this.metadata)}`;
  }
}

/** Whether the network combines others. Its figures then have one row for each combination, and otherwise for each test set. */
function isEnsemble({ parts }: Metadata): boolean {
  return Object.keys(parts).length > 0;
}

function figures(metadata: Metadata) {
  const { columns } = texts.modelCard;
  const headings = [isEnsemble(metadata) ? columns.network : columns.testSet, ...columns.figures];
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${texts.modelCard.figures}>
    <table class="figures">
      <thead>
        <tr>${headings.map((heading) => html`<th scope="col">${heading}</th>`)}</tr>
      </thead>
      <tbody>
        ${metadata.modelCard.figures.map(
          ({ part, n, top1, top3, balanced, macroF1, rawEce, ece }) => html`<tr>
            <td>${part}</td>
            <td>${count(n)}</td>
            <td>${percent(top1, 1)}</td>
            <td>${percent(top3, 1)}</td>
            <td>${percent(balanced, 1)}</td>
            <td>${decimal(macroF1, 3)}</td>
            <td>${decimal(rawEce, 3)}</td>
            <td>${decimal(ece, 3)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Number of genres that are listed as weaknesses. */
const N_WEAKEST = 3;

/** The genres with the lowest recall, and what each is most often mistaken for. */
function weakestGenres({ modelCard, labels }: Metadata) {
  const genres = (modelCard.headline?.confusion ?? []).flatMap((counts, label) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const mostErrors = Math.max(...counts.map((count, other) => (other === label ? 0 : count)));
    if (mostErrors === 0) return [];
    const mistakenFor = counts.findIndex((count, other) => other !== label && count === mostErrors);
    return [{ genre: labels[label] ?? '', recall: (counts[label] ?? 0) / total, mistakenFor: labels[mistakenFor] ?? '' }];
  });
  if (genres.length === 0) return nothing;
  const { weakest, weakness } = texts.modelCard;
  const shown = genres.sort((a, b) => a.recall - b.recall).slice(0, N_WEAKEST);
  return html`<p><b>${weakest}</b></p>
    <ul>${shown.map(({ genre, recall, mistakenFor }) => html`<li>${weakness(genre, percent(recall, 1), mistakenFor)}</li>`)}</ul>`;
}

/** The confusion matrix, each cell in per cent of its row. */
function confusionMatrix(metadata: Metadata) {
  const { labels } = metadata;
  const { headline } = metadata.modelCard;
  if (!headline) return nothing;
  const { confusion, confusionHint, confusionOfNetwork } = texts.modelCard;
  return html`<p><b>${confusion}</b></p>
    <p>${isEnsemble(metadata) ? confusionOfNetwork(headline.part) : confusionHint(headline.part)}</p>
    <div class="scroll" tabindex="0" role="region" aria-label=${confusion}>
      <table class="confusion">
        <thead>
          <tr><td></td>${labels.map((label) => html`<th scope="col">${label}</th>`)}</tr>
        </thead>
        <tbody>${headline.confusion.map((counts, label) => confusionRow(labels[label] ?? '', counts))}</tbody>
      </table>
    </div>`;
}

function confusionRow(label: string, counts: number[]) {
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  const cell = (count: number) => {
    const percent = Math.round((count / total) * 100);
    // At most half opaque, so that the text stays readable.
    return html`<td .style=${`background:color-mix(in srgb, var(--_accent) ${percent / 2}%, transparent)`}>${percent}</td>`;
  };
  return html`<tr><th scope="row">${label}</th>${counts.map(cell)}</tr>`;
}

/** How well the Echo Nest features are estimated. */
function estimates({ modelCard }: Metadata) {
  if (modelCard.estimates.length === 0) return nothing;
  const features = modelCard.estimates.map(({ name, r2 }) => ({ name, r2: decimal(r2, 2) }));
  return html`<p>${texts.modelCard.estimates(features)}</p>`;
}

function facts(metadata: Metadata) {
  const { modelCard: card, labels, threshold } = metadata;
  const { facts: names, ...values } = texts.modelCard;
  const window = windowSeconds(metadata);
  const headline = card.figures.find(({ part }) => part === card.headline?.part);
  const [low = 0, high = 0] = card.headline?.interval ?? [];
  const { grouping, licence } = card.data;
  const rows: [string, string][] = [
    [names.name, card.name],
    [names.labels, list(labels)],
    [names.window, window === undefined ? values.oneRow : seconds(window, 0)],
    [names.parameters, count(card.nParameters)],
    [names.multiplyAdds, count(card.multiplyAdds)],
    [names.threshold, values.confident(percent(threshold, 1), percent(card.confident.coverage, 1), percent(card.confident.accuracy, 1))],
    ...(headline ? [[names.interval, values.interval(percent(headline.top1, 1), percent(low, 1), percent(high, 1))] as [string, string]] : []),
    [names.data, values.data[grouping](card.data.file, count(card.data.rows), count(card.data.artists))],
    ...(licence ? [[names.licence, licence] as [string, string]] : []),
    [names.validation, card.folds > 0 ? values.folds(card.folds) : values.heldOut],
    [names.split, card.split.random ? values.randomSplit : values.splits[grouping]],
    [names.trainedOn, card.fittedOn],
    [names.command, card.command],
  ];
  return html`<dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

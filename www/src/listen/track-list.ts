import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { clock, titleOf } from 'tonearm/page';
import { focusRing } from '../shared/shared-styles.js';
import { texts } from '../texts/texts.js';
import type { TrackEntry } from './tracks.js';

/**
 * `<track-list>`: the songs, in the order in which they were added.
 *
 * @fires open-track - `detail` is the id of a track.
 * @fires remove-track - `detail` is the id of a track.
 */
@customElement('track-list')
export class TrackList extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = [
    focusRing,
    css`
      :host { display: block; }
      ul { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--_space-1); }
      li { position: relative; display: flex; align-items: center; border-radius: var(--_radius); overflow: clip; }
      li.open { background: var(--_well); box-shadow: inset 3px 0 var(--_accent); }
      button { font: inherit; color: inherit; background: none; border: 0; cursor: pointer; border-radius: var(--_radius); outline-offset: -2px; }
      .open-track { flex: 1; min-inline-size: 0; text-align: start; padding: var(--_space-2) 0 var(--_space-2) var(--_space-4); }
      .title, .state { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .title { font-weight: 600; font-size: var(--_text); }
      .state { font-size: var(--_text-small); color: var(--_quiet); font-variant-numeric: tabular-nums; }
      .state.failed { color: var(--_danger); }
      .remove { inline-size: 40px; block-size: 40px; color: var(--_quiet); font-size: var(--_text-lead); line-height: 1; flex: none; }
      .remove:hover { color: var(--_ink); }
      .progress { position: absolute; inset-block-end: 0; inset-inline: 0; block-size: 2px; background: var(--_accent); transform-origin: left; }
    `,
  ];

  @property({ attribute: false }) tracks: TrackEntry[] = [];
  /** Id of the open track. */
  @property({ type: Number }) openId = -1;

  protected override render() {
    return html`<ul aria-label=${texts.listen.songs}>${this.tracks.map((track) => this.#row(track))}</ul>`;
  }

  #row({ id, file, state, progress, prediction }: TrackEntry) {
    const title = titleOf(file.name);
    const open = id === this.openId;
    return html`<li class=${open ? 'open' : ''}>
      <button type="button" class="open-track" aria-current=${open ? 'true' : nothing} @click=${() => this.#emit('open-track', id)}>
        <span class="title" dir="auto" title=${title}>${title}</span>
        <span class="state ${state}">${stateText(state, prediction)}</span>
      </button>
      <button type="button" class="remove" aria-label=${texts.listen.remove(title)} @click=${() => this.#emit('remove-track', id)}>×</button>
      ${state === 'analysing' ? html`<span class="progress" .style=${`transform:scaleX(${progress})`}></span>` : nothing}
    </li>`;
  }

  #emit(type: string, id: number) {
    this.dispatchEvent(new CustomEvent(type, { detail: id }));
  }
}

function stateText(state: TrackEntry['state'], prediction: TrackEntry['prediction']): string {
  if (prediction) return `${genreText(prediction)} · ${clock(Math.round(prediction.durationSeconds))}`;
  switch (state) {
    case 'idle': return texts.listen.cancelled;
    case 'failed': return texts.listen.failed;
    case 'waiting': case 'done': return texts.listen.waiting;
    default: return texts.listen.states[state];
  }
}

function genreText({ label, between, mapPosition }: NonNullable<TrackEntry['prediction']>): string {
  if (mapPosition?.outOfDistribution) return texts.listen.notSure;
  if (between) return texts.listen.between(between[0], between[1]);
  return label ?? texts.listen.noSound;
}

import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { clock } from 'tonearm/page';
import { controls, focusRing } from '../../shared/shared-styles.js';
import { EXAMPLE, dragData, hasDragData } from './drag-types.js';
import { RowFocus } from '../../shared/focus.js';
import { type Move, moveList, moveListStyles } from './move-list.js';
import type { ExampleRecord, ProjectClass } from '../store/records.js';
import type { Placement } from '../project/placement.js';
import { texts } from '../../texts/texts.js';
import { trainStyles } from '../train-styles.js';

/**
 * `<example-list>`: the examples of a class, in their stored order.
 *
 * @fires place-example - `detail` is `{ id, placement }`: the example to move, and its new position.
 * @fires move-example - `detail` is `{ id, classId }`.
 * @fires remove-example - `detail` is an example's id.
 * @fires play-example - `detail` is an example's id.
 * @fires emptied - The focused example was removed, and no example is left to take the focus.
 */
@customElement('example-list')
export class ExampleList extends LitElement {
  static override styles = [
    focusRing,
    controls,
    trainStyles,
    moveListStyles,
    css`
      :host { display: block; }
      ul { list-style: none; margin: 0 0 var(--_space-3); padding: 0 var(--_space-2); margin-inline: -8px; display: grid; gap: 2px; max-block-size: 264px; overflow-y: auto; }
      li { display: flex; align-items: center; gap: var(--_space-1); font-size: var(--_text-small); min-inline-size: 0; }
      li[draggable='true'] { cursor: grab; }
      li.before { box-shadow: 0 -2px var(--_accent); }
      li.after { box-shadow: 0 2px var(--_accent); }
      /* Aligns the icons themselves, not their padding, with the edges. */
      li > :last-child { margin-inline-end: -8px; }
      li > .icon:first-child { margin-inline-start: -8px; }
      /* Long names are shown in full, because the names of recordings differ only at their end. */
      .title { flex: 1; min-inline-size: 0; overflow-wrap: anywhere; line-height: 1.3; }
      .time { color: var(--_quiet); font-size: var(--_text-small); font-variant-numeric: tabular-nums; }
    `,
  ];

  /** Accessible name of the list. */
  @property() name = '';
  @property({ attribute: false }) examples: ExampleRecord[] = [];
  /** Maximum number of examples to show. */
  @property({ type: Number }) limit = Infinity;
  /** The classes to which an example can be moved. */
  @property({ attribute: false }) others: ProjectClass[] = [];
  @property({ type: Boolean }) locked = false;
  @property() playing: string | null = null;
  /** Index at which the dragged example would be inserted. */
  @state() private dropIndex: number | undefined;
  #draggedId: string | undefined;
  readonly #rowFocus = new RowFocus();

  protected override render() {
    const shown = this.examples.slice(0, this.limit);
    if (shown.length === 0) return nothing;
    return html`<ul aria-label=${this.name} @dragover=${this.#onDragOver} @dragleave=${() => (this.dropIndex = undefined)} @drop=${this.#onDrop}>
      ${repeat(shown, ({ id }) => id, (example, index) => this.#row(example, index, shown.length))}
    </ul>`;
  }

  protected override updated() {
    const row = this.#rowFocus.next(this.examples.map(({ id }) => id));
    if (!row) return;
    // The focus follows a moved example. After a removal, it goes to the nearest remove button.
    const next = [...this.renderRoot.querySelectorAll('li')].at(row.index)?.querySelector<HTMLElement>(row.isMoved ? 'select' : ':scope > button:last-child');
    if (next) next.focus();
    else this.#emit('emptied');
  }

  #row({ id, name, seconds, hasAudio, artist }: ExampleRecord, index: number, shown: number) {
    const playing = this.playing === id;
    const dropSide = this.dropIndex === index ? 'before' : this.dropIndex === shown && index === shown - 1 ? 'after' : '';
    const moves = this.#moves(id, index);
    return html`<li class=${dropSide} draggable=${this.locked ? 'false' : 'true'} @dragstart=${(event: DragEvent) => this.#onDragStart(event, id)} @dragend=${this.#onDragEnd}>
      ${hasAudio
        ? html`<button class="icon" type="button" aria-pressed=${playing} aria-label=${texts.train.play(name)} @click=${() => this.#emit('play-example', id)}>${playing ? '■' : '▶'}</button>`
        : nothing}
      <span class="title" dir="auto" title=${artist ? `${name} (${artist})` : name}
        >${name}</span
      >
      <span class="time">${clock(Math.round(seconds))}</span>
      ${moves.length > 0 ? moveList(texts.train.move(name), this.locked, moves) : nothing}
      <button class="icon" type="button" ?disabled=${this.locked} aria-label=${texts.train.removeExample(name)} @click=${() => this.#leave(id, index, 'remove-example', id)}>×</button>
    </li>`;
  }

  #moves(id: string, index: number): Move[] {
    const { up, down, top, end, toClass } = texts.train.moves;
    const last = this.examples.length - 1;
    const move = (name: string, placement: Placement) => ({ name, apply: () => this.#leave(id, index, 'place-example', { id, placement }) });
    return [
      ...(index > 0 ? [move(up, { by: -1 })] : []),
      ...(index < last ? [move(down, { by: 1 })] : []),
      ...(index > 1 ? [move(top, { index: 0 })] : []),
      ...(index < last - 1 ? [move(end, { before: null })] : []),
      ...this.others.map((other) => ({ name: toClass(other.name), apply: () => this.#leave(id, index, 'move-example', { id, classId: other.id }) })),
    ];
  }

  #leave(id: string, index: number, type: string, detail: unknown) {
    this.#rowFocus.leave(id, index);
    this.#emit(type, detail);
  }

  #onDragStart(event: DragEvent, id: string) {
    this.#draggedId = id;
    event.dataTransfer?.setData(EXAMPLE, id);
  }

  #onDragEnd = () => {
    this.#draggedId = this.dropIndex = undefined;
  };

  #onDragOver = (event: DragEvent) => {
    if (this.#draggedId === undefined || !hasDragData(event, EXAMPLE)) return;
    event.preventDefault();
    const rows = [...this.renderRoot.querySelectorAll('li')];
    const below = rows.findIndex((row) => event.clientY < row.getBoundingClientRect().top + row.offsetHeight / 2);
    this.dropIndex = below < 0 ? rows.length : below;
  };

  #onDrop = (event: DragEvent) => {
    const id = dragData(event, EXAMPLE);
    const from = this.examples.findIndex((example) => example.id === id);
    // The event of an example from another class bubbles to the card.
    if (from < 0 || this.dropIndex === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const before = this.examples[this.dropIndex]?.id ?? null;
    this.dropIndex = undefined;
    if (before !== id) this.#emit('place-example', { id, placement: { before } });
  };

  #emit(type: string, detail?: unknown) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

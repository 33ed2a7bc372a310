import type { LitElement } from 'lit';

/** Whether no element has the focus, for example because the focused element was removed. */
export function focusIsLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/**
 * Opens a `<select>` on an arrow key if the browser supports `showPicker`. By default the key changes the
 * selection at once, so a list that acts on `change` would act on its first option.
 */
export function openByArrow(event: KeyboardEvent) {
  const select = event.currentTarget as HTMLSelectElement;
  if (!['ArrowDown', 'ArrowUp'].includes(event.key) || !('showPicker' in select)) return;
  event.preventDefault();
  select.showPicker();
}

/**
 * Moves the focus to a nearby element when an update removes the focused one: to a sibling with the same
 * tag, or else to the first match of the space-separated selectors in the closest `data-next` attribute.
 */
export function keepFocus(host: LitElement) {
  let previous: { element: Element; parent: Element | null; index: number; selectors: string[] } | undefined;
  host.addController({
    hostUpdate() {
      const element = host.shadowRoot?.activeElement;
      if (!element) return;
      const parent = element.parentElement;
      const selectors = element.closest<HTMLElement>('[data-next]')?.dataset.next?.split(' ') ?? [];
      previous = { element, parent, index: siblings(element, parent).indexOf(element), selectors };
    },
    hostUpdated() {
      const { element, parent = null, index = 0, selectors = [] } = previous ?? {};
      previous = undefined;
      if (!element || element.isConnected || !focusIsLost()) return;
      const remaining = parent?.isConnected ? siblings(element, parent) : [];
      const candidates = [remaining[Math.min(index, remaining.length - 1)], ...selectors.map((selector) => host.renderRoot.querySelector(selector))];
      const target = candidates.find((candidate) => candidate instanceof HTMLElement);
      // A Lit element can take the focus only after it has rendered.
      void Promise.resolve(target && 'updateComplete' in target ? target.updateComplete : undefined).then(() => (target as HTMLElement | undefined)?.focus());
    },
  });
}

/** Follows the row of a list that the user moves or removes, so that the focus, which is lost with it, can move to the nearest control. */
export class RowFocus {
  /** The row that the user has just moved or removed, and its index before that. */
  #leaving: { id: string; index: number } | undefined;

  /** Call it before the row changes. */
  leave(id: string, index: number) {
    this.#leaving = { id, index };
  }

  /**
   * Call it after every update. Returns where to move the focus, once the row has changed: the index of a moved row, or that of
   * the row nearest to a removed one, which is -1 if no row is left. Returns `undefined` if the focus can stay where it is.
   *
   * @param ids - The ids of all rows.
   */
  next(ids: readonly string[]): { index: number; isMoved: boolean } | undefined {
    const { id, index = 0 } = this.#leaving ?? {};
    if (id === undefined || ids[index] === id) return undefined;
    this.#leaving = undefined;
    if (!focusIsLost()) return undefined;
    const moved = ids.indexOf(id);
    return moved >= 0 ? { index: moved, isMoved: true } : { index: Math.min(index, ids.length - 1), isMoved: false };
  }
}

/** Children of `parent` with the same tag as an element. */
function siblings({ localName }: Element, parent: Element | null): Element[] {
  return [...(parent?.children ?? [])].filter((child) => child.localName === localName);
}

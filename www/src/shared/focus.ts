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

/** Children of `parent` with the same tag as an element. */
function siblings({ localName }: Element, parent: Element | null): Element[] {
  return [...(parent?.children ?? [])].filter((child) => child.localName === localName);
}

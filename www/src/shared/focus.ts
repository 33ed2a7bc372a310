import type { LitElement } from 'lit';

/** Whether nothing has the focus, as when what had it was taken out of the page. */
export function focusIsLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/**
 * Opens a list by an arrow key, where the browser can: otherwise the key alone would choose, and a
 * list that acts on a choice would act on the first.
 */
export function openByArrow(event: KeyboardEvent) {
  const select = event.currentTarget as HTMLSelectElement;
  if (!['ArrowDown', 'ArrowUp'].includes(event.key) || !('showPicker' in select)) return;
  event.preventDefault();
  select.showPicker();
}

/**
 * Keeps the focus near when an update takes away what has it: what is of its kind beside it takes
 * it, or else the first of the selectors, apart from each other by spaces, in the `data-next` around it.
 */
export function keepFocus(host: LitElement) {
  let before: { element: Element; parent: Element | null; place: number; next: string[] } | undefined;
  host.addController({
    hostUpdate() {
      const element = host.shadowRoot?.activeElement;
      if (!element) return;
      const parent = element.parentElement;
      const next = element.closest<HTMLElement>('[data-next]')?.dataset.next?.split(' ') ?? [];
      before = { element, parent, place: ofKind(element, parent).indexOf(element), next };
    },
    hostUpdated() {
      const { element, parent = null, place = 0, next = [] } = before ?? {};
      before = undefined;
      if (!element || element.isConnected || !focusIsLost()) return;
      const beside = parent?.isConnected ? ofKind(element, parent) : [];
      const found = [beside[Math.min(place, beside.length - 1)], ...next.map((selector) => host.renderRoot.querySelector(selector))];
      const taker = found.find((each) => each instanceof HTMLElement);
      // An element of the page's own has its buttons once it has rendered.
      void Promise.resolve(taker && 'updateComplete' in taker ? taker.updateComplete : undefined).then(() => (taker as HTMLElement | undefined)?.focus());
    },
  });
}

function ofKind({ localName }: Element, parent: Element | null): Element[] {
  return [...(parent?.children ?? [])].filter((child) => child.localName === localName);
}

/**
 * Target of a move in a list. It is resolved when the move is applied, because the list may have changed since it
 * was rendered.
 */
export type Placement =
  /** Move later by this many positions, or earlier if negative. */
  | { by: number }
  /** Move directly before the item with this id, or to the end if null. */
  | { before: string | null }
  /** Move to the position of the item with this id. */
  | { placeOf: string }
  /** Move to this zero-based index. */
  | { index: number };

/**
 * Returns the list with one item moved. Returns the same list if the item or its new neighbour is missing, or if
 * the item is already there.
 */
export function place<T extends { id: string }>(all: T[], id: string, placement: Placement): T[] {
  const from = all.findIndex((each) => each.id === id);
  const moved = all[from];
  if (!moved) return all;
  const others = all.toSpliced(from, 1);
  const to = target(all, others, from, placement);
  if (to === undefined || to === from) return all;
  return others.toSpliced(to, 0, moved);
}

/** Index in `others` at which to insert the item, or undefined if the neighbour is missing. */
function target<T extends { id: string }>(all: T[], others: T[], from: number, placement: Placement): number | undefined {
  const found = (items: T[], id: string) => {
    const index = items.findIndex((each) => each.id === id);
    return index < 0 ? undefined : index;
  };
  const within = (index: number) => Math.max(0, Math.min(index, others.length));
  if ('by' in placement) return within(from + placement.by);
  if ('index' in placement) return within(placement.index);
  if ('placeOf' in placement) return found(all, placement.placeOf);
  return placement.before === null ? others.length : found(others, placement.before);
}

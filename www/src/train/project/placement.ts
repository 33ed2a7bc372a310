/**
 * Where an item is to go in a list. It refers to neighbours and not to a place that was rendered, so that it means
 * the same when the list has changed before the move is made.
 */
export type Placement =
  /** So many places later, or earlier if negative. */
  | { by: number }
  /** Directly before another item; null for the end. */
  | { before: string | null }
  /** The place that another item has. */
  | { placeOf: string }
  /** A place counted from 0. */
  | { index: number };

/**
 * Returns the list with one item moved, or the same list if nothing changes: the item or its new neighbour is not
 * there, or it has that place already.
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

/** Index among `others` to insert at; undefined if the neighbour is not there. */
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

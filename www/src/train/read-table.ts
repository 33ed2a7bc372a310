import { inWorker } from './in-worker.js';
import address from './table-worker.ts?worker&url';
import type { TableAnswer } from './table-worker.js';
import { type LabelledTable, TableError } from './table.js';
import { trainTexts } from './texts.js';

/**
 * Reads a CSV in a worker of its own, since a long one would hold the page up.
 *
 * Rejects with a {@link TableError} if it cannot be used.
 */
export async function tableOf(csv: Blob): Promise<LabelledTable> {
  const said = await inWorker<TableAnswer>(address, csv).catch(() => {
    throw new TableError(trainTexts.table.problems.unread);
  });
  if ('problem' in said) throw new TableError(said.problem);
  return said.table;
}

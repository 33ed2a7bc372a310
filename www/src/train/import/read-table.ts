import { Stalled } from 'tonearm';
import { Asked } from '../../shared/worker-queue.js';
import address from './table-worker.ts?worker&url';
import type { TableAnswer } from './table-worker.js';
import { type LabelledTable, TableError } from './table.js';
import { trainTexts } from '../texts.js';

/**
 * Reads a CSV in a worker of its own, since a long one would hold the page up.
 *
 * Rejects with a {@link TableError} if it cannot be used.
 */
export async function tableOf(csv: Blob): Promise<LabelledTable> {
  const reader = new Asked<Blob, TableAnswer>(address);
  try {
    const said = await reader.ask(csv);
    if ('table' in said) return said.table;
    throw new TableError(said.problem);
  } catch (thrown) {
    throw thrown instanceof TableError ? thrown : new TableError(thrown instanceof Stalled ? trainTexts.stalled : trainTexts.table.problems.unread);
  } finally {
    reader.end();
  }
}

import address from './table-worker.ts?worker&url';
import type { TableAnswer } from './table-worker.js';
import { type LabelledTable, TableError } from './table.js';
import { trainTexts } from './texts.js';

/**
 * Reads a CSV in a worker of its own, since a long one would hold the page up.
 *
 * Rejects with a {@link TableError} if it cannot be used.
 */
export function tableOf(csv: Blob): Promise<LabelledTable> {
  const worker = new Worker(address, { type: 'module' });
  const read = new Promise<LabelledTable>((resolve, reject) => {
    worker.onmessage = ({ data: said }: MessageEvent<TableAnswer>) => {
      if ('table' in said) resolve(said.table);
      else reject(new TableError(said.problem));
    };
    worker.onerror = () => reject(new TableError(trainTexts.table.problems.unread));
    worker.postMessage(csv);
  });
  return read.finally(() => worker.terminate());
}

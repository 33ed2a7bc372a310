import { type LabelledTable, TableError, readTable } from './table.js';

/** The table of a CSV, or why it cannot be used, as a sentence. */
export type TableAnswer = { table: LabelledTable } | { problem: string };

async function answer(csv: Blob): Promise<TableAnswer> {
  try {
    return { table: readTable(await csv.text()) };
  } catch (thrown) {
    if (thrown instanceof TableError) return { problem: thrown.message };
    throw thrown;
  }
}

self.onmessage = async ({ data: csv }: MessageEvent<Blob>) => {
  const said = await answer(csv);
  self.postMessage(said, { transfer: 'table' in said ? [said.table.rows.values.buffer] : [] });
};

// What nobody foresaw reaches the page as an error of the worker.
self.onunhandledrejection = ({ reason }) => {
  throw reason;
};

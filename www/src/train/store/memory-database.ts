import { type Database, type Table, type WriteTransaction, TABLES } from './database.js';
import { StoreError } from './store-error.js';

type Rows = Map<string, { id: string; projectId?: string }>;
type Tables = Record<Table, Rows>;

/** A database in memory, for browsers that do not let the page store data. It is lost when the page closes. */
export function memoryDatabase(): Database {
  let tables = copyOf(undefined);
  let isClosed = false;
  let last: Promise<unknown> = Promise.resolve();

  /** Runs transactions one at a time, each on a copy that replaces the tables if it succeeds. */
  const enqueue = <N extends Table, T>(names: readonly N[], work: (tx: WriteTransaction<N>) => Promise<T>): Promise<T> => {
    if (isClosed) return Promise.reject(new StoreError('closed'));
    const turn = last.then(async () => {
      const draft = copyOf(tables);
      const result = await work(transaction(draft, names));
      tables = draft;
      return result;
    });
    last = turn.catch(() => undefined);
    return turn;
  };

  return { persistent: false, read: enqueue, write: enqueue, close: () => void (isClosed = true) };
}

function copyOf(tables: Tables | undefined): Tables {
  return Object.fromEntries(TABLES.map((table) => [table, new Map(tables?.[table])])) as Tables;
}

/** The operations of a transaction. As in IndexedDB, records are copied on reads and writes, and only the named tables are accessible. */
function transaction<N extends Table>(tables: Tables, names: readonly N[]): WriteTransaction<N> {
  const rows = (table: N) => {
    if (!names.includes(table)) throw new DOMException(`the transaction does not include ${table}`, 'NotFoundError');
    return tables[table];
  };
  // Each table holds only its own kind of row, which the types cannot express.
  const rowsOf = (table: N) => [...rows(table).values()] as never[];
  const ofProject = (table: N, projectId: string) =>
    rowsOf(table).filter((row: { projectId?: string }) => row.projectId === projectId);
  return {
    get: async (table, id) => structuredClone(rows(table).get(id)) as never,
    all: async (table) => structuredClone(rowsOf(table)),
    allOf: async (table, projectId) => structuredClone(ofProject(table, projectId)),
    idsOf: async (table, projectId) => ofProject(table, projectId).map(({ id }) => id),
    put: async (table, row) => void rows(table).set(row.id, structuredClone(row)),
    delete: async (table, id) => void rows(table).delete(id),
    clear: async (table) => rows(table).clear(),
  };
}

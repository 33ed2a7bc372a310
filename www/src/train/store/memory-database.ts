import { type Database, type Table, type Writing, TABLES } from './database.js';
import { StoreError } from './store-error.js';

type Rows = Map<string, { id: string; projectId?: string }>;
type Tables = Record<Table, Rows>;

/** A database that lasts as long as the page, for browsers that let it keep nothing. */
export function memoryDatabase(): Database {
  let tables = copyOf(undefined);
  let isClosed = false;
  let last: Promise<unknown> = Promise.resolve();

  /** One transaction after the other, each on a copy that takes effect when it ends well. */
  const inTurn = <N extends Table, T>(names: readonly N[], work: (tx: Writing<N>) => Promise<T>): Promise<T> => {
    if (isClosed) return Promise.reject(new StoreError('closed'));
    const turn = last.then(async () => {
      const draft = copyOf(tables);
      const answer = await work(transaction(draft, names));
      tables = draft;
      return answer;
    });
    last = turn.catch(() => undefined);
    return turn;
  };

  return { persistent: false, read: inTurn, write: inTurn, close: () => void (isClosed = true) };
}

function copyOf(tables: Tables | undefined): Tables {
  return Object.fromEntries(TABLES.map((table) => [table, new Map(tables?.[table])])) as Tables;
}

/** The operations, on records that are copied on their way in and out, and on the named tables alone, as in IndexedDB. */
function transaction<N extends Table>(tables: Tables, names: readonly N[]): Writing<N> {
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

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
  const inTurn = <T>(work: (tx: Writing) => Promise<T>): Promise<T> => {
    if (isClosed) return Promise.reject(new StoreError('closed'));
    const turn = last.then(async () => {
      const draft = copyOf(tables);
      const answer = await work(transaction(draft));
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

/** The operations, on records that are copied on their way in and out, as IndexedDB does. */
function transaction(tables: Tables): Writing {
  // Rows of a table are put under its name only, which the types cannot follow.
  const rowsOf = (table: Table) => [...tables[table].values()] as never[];
  const ofProject = (table: Table, projectId: string) =>
    rowsOf(table).filter((row: { projectId?: string }) => row.projectId === projectId);
  return {
    get: async (table, id) => structuredClone(tables[table].get(id)) as never,
    all: async (table) => structuredClone(rowsOf(table)),
    allOf: async (table, projectId) => structuredClone(ofProject(table, projectId)),
    idsOf: async (table, projectId) => ofProject(table, projectId).map(({ id }) => id),
    put: async (table, row) => void tables[table].set(row.id, structuredClone(row)),
    delete: async (table, id) => void tables[table].delete(id),
    clear: async (table) => tables[table].clear(),
  };
}

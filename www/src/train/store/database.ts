import type { DBSchema, StoreNames, StoreValue } from 'idb';
import type { AudioRecord, ExampleRecord, FeaturesRecord, ProjectRecord, RowsRecord, RunRecord } from './records.js';

/** Type of the records of each table. Every record has its key in `id`. */
export interface Schema extends DBSchema {
  projects: { key: string; value: ProjectRecord };
  examples: { key: string; value: ExampleRecord; indexes: { project: string } };
  /** Examples that were removed and can be restored. Their features and audio stay in those tables. */
  removed: { key: string; value: ExampleRecord; indexes: { project: string } };
  features: { key: string; value: FeaturesRecord };
  audio: { key: string; value: AudioRecord };
  rows: { key: string; value: RowsRecord };
  runs: { key: string; value: RunRecord; indexes: { project: string } };
}

export type Table = StoreNames<Schema>;

/** Tables whose records have a `projectId`. */
export type ProjectTable = 'examples' | 'removed' | 'runs';

export type Row<T extends Table> = StoreValue<Schema, T>;

export const TABLES: readonly Table[] = ['projects', 'examples', 'removed', 'features', 'audio', 'rows', 'runs'];

/** Read operations of a transaction on the tables `N`. Records are copies, so changing one does not change the stored one. */
export interface ReadTransaction<N extends Table> {
  get<T extends N>(table: T, id: string): Promise<Row<T> | undefined>;
  all<T extends N>(table: T): Promise<Row<T>[]>;
  allOf<T extends N & ProjectTable>(table: T, projectId: string): Promise<Row<T>[]>;
  idsOf(table: N & ProjectTable, projectId: string): Promise<string[]>;
}

/** Read and write operations of a transaction on the tables `N`. The writes take effect together or not at all. */
export interface WriteTransaction<N extends Table> extends ReadTransaction<N> {
  put<T extends N>(table: T, row: Row<T>): Promise<void>;
  delete(table: N, id: string): Promise<void>;
  clear(table: N): Promise<void>;
}

/**
 * A database with the tables of {@link Schema}, in IndexedDB or in memory.
 *
 * A transaction names the tables that it accesses, so that transactions on other tables can run at the same time.
 * `work` may await only the operations of its transaction, because IndexedDB otherwise completes the transaction too
 * early. If `work` throws, nothing is stored.
 */
export interface Database {
  /** Whether the data outlives the page. */
  readonly persistent: boolean;
  read<N extends Table, T>(tables: readonly N[], work: (tx: ReadTransaction<N>) => Promise<T>): Promise<T>;
  /** Resolves when the writes are durable. */
  write<N extends Table, T>(tables: readonly N[], work: (tx: WriteTransaction<N>) => Promise<T>): Promise<T>;
  /** Closes the database. Every later call rejects. */
  close(): void;
}

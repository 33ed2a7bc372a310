import type { DBSchema, StoreNames, StoreValue } from 'idb';
import type { AudioRecord, ExampleRecord, FeaturesRecord, ProjectRecord, RowsRecord, RunRecord } from './records.js';

/** What is kept, by table. Every record has its key in `id`. */
export interface Schema extends DBSchema {
  projects: { key: string; value: ProjectRecord };
  examples: { key: string; value: ExampleRecord; indexes: { project: string } };
  /** Examples that were taken out and can be put back: what belongs to them stays where it is. */
  removed: { key: string; value: ExampleRecord; indexes: { project: string } };
  features: { key: string; value: FeaturesRecord };
  audio: { key: string; value: AudioRecord };
  rows: { key: string; value: RowsRecord };
  runs: { key: string; value: RunRecord; indexes: { project: string } };
}

export type Table = StoreNames<Schema>;

/** Tables whose records say to which project they belong. */
export type ProjectTable = 'examples' | 'removed' | 'runs';

export type Row<T extends Table> = StoreValue<Schema, T>;

export const TABLES: readonly Table[] = ['projects', 'examples', 'removed', 'features', 'audio', 'rows', 'runs'];

/** Reads within one transaction on the tables `N`. Records are copies: changing one does not change what is stored. */
export interface Reading<N extends Table> {
  get<T extends N>(table: T, id: string): Promise<Row<T> | undefined>;
  all<T extends N>(table: T): Promise<Row<T>[]>;
  allOf<T extends N & ProjectTable>(table: T, projectId: string): Promise<Row<T>[]>;
  idsOf(table: N & ProjectTable, projectId: string): Promise<string[]>;
}

/** Reads and writes on the tables `N` that take effect together or not at all. */
export interface Writing<N extends Table> extends Reading<N> {
  put<T extends N>(table: T, row: Row<T>): Promise<void>;
  delete(table: N, id: string): Promise<void>;
  clear(table: N): Promise<void>;
}

/**
 * Where the tables are stored: IndexedDB, or memory if the browser has none.
 *
 * A transaction names the tables that it uses, so that others can run beside it. `work` must wait for
 * nothing but the given operations, or IndexedDB ends the transaction. If it throws, nothing is stored.
 */
export interface Database {
  /** Whether it outlives the page. */
  readonly persistent: boolean;
  read<N extends Table, T>(tables: readonly N[], work: (tx: Reading<N>) => Promise<T>): Promise<T>;
  /** Resolves when the writes are on disk. */
  write<N extends Table, T>(tables: readonly N[], work: (tx: Writing<N>) => Promise<T>): Promise<T>;
  /** After it, every call is refused. */
  close(): void;
}

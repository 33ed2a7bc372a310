import type { Backend, BackendChoice, Fallback } from 'tonearm';
import type { FileFeatures, TrainEpoch, TrainResult, TrainSettings } from 'tonearm/project';

/** A class of a project. */
export interface ProjectClass {
  id: string;
  name: string;
}

/** The rows of a table and their classes. */
export interface LabelledRows {
  columns: string[];
  /** Cells, row-major. */
  values: Float32Array;
  /** Class index of each row. */
  labels: Uint8Array;
  /** Group of each row, or null if the table has no groups. Rows of one group stay on the same side of a split. */
  groups: (string | null)[] | null;
}

/** What the page shows of a table. The rows themselves are read only for training. */
export interface TableSummary {
  columns: string[];
  /** Number of rows of each class. */
  counts: number[];
}

/** A project. Times are in milliseconds since 1970. */
export interface ProjectRecord {
  id: string;
  name: string;
  createdAt: number;
  /** Last change of the project or of its examples. */
  changedAt: number;
  classes: ProjectClass[];
  /** Whether the audio of new examples is stored. */
  keepAudio: boolean;
  /** Settings of the latest run that was started. */
  settings?: TrainSettings;
  /** The run whose weights are the project's model. */
  modelRunId: string | null;
  /** Present if the project has the rows of a table instead of audio files. */
  table?: TableSummary;
}

/** The rows of a project with a table. */
export interface RowsRecord extends LabelledRows {
  /** Id of the project. */
  id: string;
}

/** An audio file that is an example of a class. */
export interface ExampleRecord {
  id: string;
  projectId: string;
  classId: string;
  name: string;
  artist: string | null;
  seconds: number;
  nWindows: number;
  /** SHA-256 of the file's bytes, in hex. */
  digest: string;
  addedAt: number;
  hasAudio: boolean;
  /** Sort key: examples are listed in ascending order. */
  order: number;
}

/** An example to add. The store fills in the other fields. */
export type NewExample = Omit<ExampleRecord, 'id' | 'addedAt' | 'hasAudio' | 'order'>;

/** The features of an example. */
export interface FeaturesRecord extends FileFeatures {
  /** Id of the example. */
  id: string;
}

/** The file of an example. It holds bytes instead of a `Blob`, because WebKit has lost blobs stored in IndexedDB. */
export interface AudioRecord {
  /** Id of the example. */
  id: string;
  type: string;
  bytes: ArrayBuffer;
}

/** A file or table row that a run used. */
export interface RunFile {
  /** Id of the example, or the row number. */
  id: string;
  name: string;
  /** Class index. */
  class: number;
}

/** Why a run uses the CPU. `resumed-on-cpu`: the visitor resumed a run of the GPU there. */
export type RunFallback = Fallback | { code: 'resumed-on-cpu'; detail: string };

/** A training run. */
export interface RunRecord {
  id: string;
  /** The user's name for the run; absent if it has none. */
  name?: string;
  projectId: string;
  startedAt: number;
  finishedAt: number | null;
  settings: TrainSettings;
  /** The device that was requested. */
  wanted: BackendChoice;
  /** The device that is in use, or was used last. */
  backend: Backend;
  /** Why the CPU was used although the GPU was requested or chosen; null otherwise. Earlier versions stored a sentence. */
  fallback: RunFallback | string | null;
  status: 'running' | 'paused' | 'done' | 'stopped' | 'failed';
  epochs: TrainEpoch[];
  /** The files of the run, in the order in which its result refers to them. */
  files: RunFile[];
  result: TrainResult | null;
  weights: Uint8Array | null;
  /** State after the last complete epoch, from which an interrupted run is resumed. */
  checkpoint: Uint8Array | null;
}

import type { Figures } from './types.js';

/** How a network is made from a project's files. */
export const RECIPES = ['transfer', 'fine-tune', 'cnn', 'rnn', 'mlp'] as const;

/**
 * `transfer`: a layer of its own on what the shipped CNN hears, which stays as it is; `fine-tune`: its
 * last blocks too; `cnn` and `rnn`: a small network from nothing, on mel pictures or MFCCs; `mlp`: on
 * the rows of a table, and the only one for them.
 */
export type RecipeName = (typeof RECIPES)[number];

/** How long a run may take: `better` is cross-validated, and three times as long. */
export type Effort = 'quick' | 'better';

/** What takes the steps. */
export type OptimizerName = 'adamw' | 'adam' | 'sgd' | 'momentum';

/** The settings of a run. The core has the defaults: {@link Studio.settings}. */
export interface TrainSettings {
  recipe: RecipeName;
  /** Passes over the training windows, at most. */
  epochs: number;
  /** Windows of a step. */
  batch: number;
  /** Highest learning rate. */
  learning_rate: number;
  optimizer: OptimizerName;
  weight_decay: number;
  /** Share of the features dropped before the last layer, in 0..1; `transfer` and `fine-tune` have none. */
  dropout: number;
  /** Whether windows are cut, blanked in places and made louder or softer; not for `transfer`. */
  augment: boolean;
  /** Share of the files of each class that are kept back, in 0..1. */
  validation: number;
  /** Cross-validates with so many folds first; 0 for one validation set. */
  folds: number;
  /** Epochs without a lower validation loss after which the run ends. */
  patience: number;
  /** Decides who validates, and everything random. */
  seed: number;
}

/** What the networks read of one file, as it is kept. */
export interface FileFeatures {
  /** Mel pictures of its windows, `[n_windows][n_mels][n_columns]` grey levels. */
  mel: Uint8Array;
  /** MFCCs of its windows, `[n_windows][n_pieces][piece_frames][n_mfcc]` half-precision numbers, little end first. */
  mfcc: Uint8Array;
  /** Windows that they are of. */
  windows: number;
}

/** A file of a project. */
export interface ProjectFile {
  name: string;
  /** Place of its class in the list of classes. */
  class: number;
  /** Files of one artist stand on one side of a split; null where the artist is not known. */
  artist: string | null;
  seconds: number;
}

/** Classes and files, with what is kept of each file. */
export interface ProjectContent {
  name: string;
  classes: string[];
  /** The rows of a table have no features. */
  files: (ProjectFile & { features: FileFeatures | null })[];
  /** Null where the files are of audio. */
  table: TableRows | null;
}

/** The columns of a table, and its numbers, one row after the other. */
export interface TableRows {
  columns: string[];
  values: Float32Array;
}

/** What a project's zip says of itself. */
export interface ProjectManifest {
  name: string;
  classes: string[];
  files: (ProjectFile & { windows: number })[];
  /** Of a table; null for audio. */
  columns: string[] | null;
  settings: TrainSettings | null;
}

/** What a reader of the figures should know. */
export type TrainNote =
  /** All files of the class are by one artist, who so stands on both sides of the split. */
  | { kind: 'one-artist'; class: string }
  /** It went on so many times without the optimiser's moments, so it is not quite the run that it would have been. */
  | { kind: 'restarted'; times: number };

/** What a run did in one epoch. */
export interface TrainEpoch {
  /** From 1. Of `n_folds` networks; where there are several, the last is of all files. */
  fold: number;
  n_folds: number;
  /** From 1. */
  epoch: number;
  epochs: number;
  train_loss: number;
  /** Share of the training windows that is right. */
  train_top1: number;
  /** In nats; null where nothing is kept back. */
  validation_loss: number | null;
  /** Share of the validation windows that is right. */
  validation_top1: number | null;
  learning_rate: number;
  is_best: boolean;
}

/** The figures of one class. */
export interface ClassMetrics {
  label: string;
  /** Files that have it. */
  n: number;
  precision: number;
  recall: number;
  f1: number;
}

/** How good the answers are, by file. */
export interface Metrics extends Omit<Figures, 'part'> {
  /** Files by true class (outer) and answer (inner). */
  confusion: number[][];
  per_class: ClassMetrics[];
}

/** Answers of about the same confidence: a bar of the reliability diagram. */
export interface ReliabilityBin {
  n: number;
  confidence: number;
  accuracy: number;
}

/** What became of one file that was kept back. */
export interface FileAnswer {
  /** Its place among the project's files. */
  file: number;
  /** Of each class. */
  probabilities: number[];
}

/** What a run came to. */
export interface TrainResult {
  /** Places of the files that the network was fitted on. */
  train: number[];
  /** Places of the files that it was measured on; with folds, all of them. */
  validation: number[];
  /** Answers for the files that were kept back, each by a network that had not seen it. */
  answers: FileAnswer[];
  /** Figures of those answers, by file. */
  metrics: Metrics;
  /** 15 bins of equal width. */
  reliability: ReliabilityBin[];
  /** Bounds of the share right with 95 % confidence, where files of one artist count as one. */
  interval: [number, number];
  /** Each file on the map: those that sound alike are near each other. */
  places: [number, number][];
  /** The epoch that was kept. */
  best_epoch: number;
  /** Loss of the very first step, in nats: what another machine repeats. */
  first_loss: number;
  notes: TrainNote[];
}

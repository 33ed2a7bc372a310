/**
 * Projects, the settings of a run on one, and what it came to.
 *
 * @module tonearm/project
 */
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

/** The settings of a run. `TrainingClient.settings` has the defaults. */
export interface TrainSettings {
  /** How the network is made. */
  recipe: RecipeName;
  /** Passes over the training windows, at most; at least 1. */
  epochs: number;
  /** Windows of a step; at least 2. */
  batch: number;
  /** Highest learning rate; above 0. */
  learning_rate: number;
  /** What takes the steps. */
  optimizer: OptimizerName;
  /** At least 0. */
  weight_decay: number;
  /** Share of the features dropped before the last layer, in 0..1; `transfer` and `fine-tune` have none. */
  dropout: number;
  /** Whether windows are cut, blanked in places and made louder or softer; not for `transfer`. */
  augment: boolean;
  /** Share of the files of each class that are kept back, in 0..1. */
  validation: number;
  /** Cross-validates with so many folds first; 0 for one validation set. */
  folds: number;
  /**
   * Epochs without a lower validation loss after which the run ends; at least 1. Below `epochs`, the epoch is
   * chosen on the files that measure it, and the report says so.
   */
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
  /** Differs where another version computed them otherwise: such features are refused. */
  fingerprint: string;
}

/** A file of a project. */
export interface ProjectFile {
  /** The file's own. */
  name: string;
  /** Place of its class in the list of classes. */
  class: number;
  /** Files of one artist stand on one side of a split; null where the artist is not known. */
  artist: string | null;
  /** Length of the audio; 0 for a row of a table. */
  seconds: number;
}

/** A file of a project with what is kept of it. */
export interface ProjectFileWithFeatures extends ProjectFile {
  /** Null for a row of a table. */
  features: FileFeatures | null;
}

/** Classes and files, with what is kept of each file. */
export interface ProjectContent {
  /** What the project is called. */
  name: string;
  /** Names of the classes; files name theirs by its place here. */
  classes: string[];
  /** Files, or the rows of a table. */
  files: ProjectFileWithFeatures[];
  /** Null where the files are of audio. */
  table: TableRows | null;
}

/** The columns of a table, and its numbers. */
export interface TableRows {
  /** Their names. */
  columns: string[];
  /** `[n_rows][n_columns]`, one row after the other, in the order of the project's files. */
  values: Float32Array;
}

/** A file as a project's zip lists it. */
export interface ManifestFile extends ProjectFile {
  /** How many windows of it there are. */
  windows: number;
}

/** What a project's zip says of itself. */
export interface ProjectManifest {
  /** What the project is called. */
  name: string;
  /** Names of the classes. */
  classes: string[];
  /** Files, or the rows of a table. */
  files: ManifestFile[];
  /** Of a table; null for audio. */
  columns: string[] | null;
  /** How it was trained, or is to be; null where nothing was chosen. */
  settings: TrainSettings | null;
}

/** What a reader of the figures should know. */
export type TrainNote =
  | {
      /** All files of a class are by one artist, who so stands on both sides of the split. */
      kind: 'one-artist';
      /** Its name. */
      class: string;
    }
  | {
      /** It ended early, with the epoch that was best on the files that the figures are of: they flatter. */
      kind: 'chosen';
    }
  | {
      /** It went on without the optimiser's moments, so it is not quite the run that it would have been. */
      kind: 'restarted';
      /** How many times. */
      times: number;
    };

/** What a run did in one epoch. */
export interface TrainEpoch {
  /** Which of the networks, from 1; where there are several, the last is of all files. */
  fold: number;
  /** How many networks: a fold each, and the one of all files. */
  n_folds: number;
  /** From 1. */
  epoch: number;
  /** How many there are at most. */
  epochs: number;
  /** In nats. */
  train_loss: number;
  /** Share of the training windows that is right. */
  train_top1: number;
  /** In nats; null where nothing is kept back. */
  validation_loss: number | null;
  /** Share of the validation windows that is right. */
  validation_top1: number | null;
  /** At its end. */
  learning_rate: number;
  /** Whether none was better on the validation windows so far: a run that ends early keeps the best. */
  is_best: boolean;
}

/** The figures of one class. */
export interface ClassMetrics {
  /** Its name. */
  label: string;
  /** Files that have it. */
  n: number;
  /** Share of the files called so that are so; 0 where none is called so. */
  precision: number;
  /** Share of its files that are called so; 0 where there is none. */
  recall: number;
  /** Harmonic mean of the two. */
  f1: number;
}

/** How good the answers are, by file. */
export interface Metrics extends Omit<Figures, 'part' | 'raw_ece'> {
  /** `[n_classes][n_classes]`, files by true class (outer) and answer (inner). */
  confusion: number[][];
  /** In the order of the classes. */
  per_class: ClassMetrics[];
}

/** Answers of about the same confidence: a bar of the reliability diagram. */
export interface ReliabilityBin {
  /** How many answers. */
  n: number;
  /** Mean probability of their likeliest class. */
  confidence: number;
  /** Share of them that is right. */
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
  kept_epoch: number;
  /** Loss of the very first step, in nats: what another machine repeats. */
  first_loss: number;
  /** What a reader of the figures should know. */
  notes: TrainNote[];
}

/**
 * Types of training projects: files, settings and results.
 *
 * @module tonearm/project
 */
import type { Figures } from './metadata.js';

/** Ways to train a network on a project. */
export const RECIPES = ['transfer', 'fine-tune', 'cnn', 'rnn', 'mlp'] as const;

/**
 * A way to train a network.
 *
 * - `transfer`: trains a linear layer on the embeddings of the shipped CNN, whose weights are frozen.
 * - `fine-tune`: also trains the last blocks of the CNN.
 * - `cnn`, `rnn`: train a small network from scratch, on log-mel patches or MFCCs.
 * - `mlp`: trains a network on the rows of a table. It is the only recipe for tables.
 */
export type RecipeName = (typeof RECIPES)[number];

/** How long a run can take: `better` uses cross-validation and takes three times as long. */
export type Effort = 'quick' | 'better';

/** Optimisation algorithm. */
export type OptimizerName = 'adamw' | 'adam' | 'sgd' | 'momentum';

/** Settings of a training run. `TrainingClient.settings` returns the defaults. */
export interface TrainSettings {
  /** How to train the network. */
  recipe: RecipeName;
  /** Maximum number of epochs; at least 1. */
  epochs: number;
  /** Batch size, in windows; at least 2. */
  batch: number;
  /** Peak learning rate; above 0. */
  learningRate: number;
  /** Optimisation algorithm. */
  optimizer: OptimizerName;
  /** Weight decay; at least 0. */
  weightDecay: number;
  /** Dropout rate before the last layer, in 0..1. Ignored by `transfer` and `fine-tune`. */
  dropout: number;
  /** Whether to augment windows by cropping, masking and gain changes. Ignored by `transfer`. */
  augment: boolean;
  /** Fraction of each class's files in the validation set, in 0..1. */
  validation: number;
  /** Number of folds for cross-validation; 0 for a single validation set. */
  folds: number;
  /**
   * Early stopping: number of epochs without a lower validation loss after which the run ends; at least 1. If it is
   * less than `epochs`, the validation set selects the epoch, which makes the metrics optimistic; the report notes this.
   */
  patience: number;
  /** Seed of the split and of all other random choices. */
  seed: number;
}

/** Input of the networks for one file, as it is stored. */
export interface FileFeatures {
  /** Log-mel patches of the windows, quantised to 8 bits, `[nWindows][nMels][nColumns]`. */
  mel: Uint8Array;
  /** MFCCs of the windows as half-precision floats, little-endian, `[nWindows][nSegments][segmentFrames][nMfcc]`. */
  mfcc: Uint8Array;
  /** Number of windows. */
  windows: number;
  /** Identifies how the features were computed. Features with another fingerprint are rejected. */
  fingerprint: string;
}

/** A file of a project. */
export interface ProjectFile {
  /** File name. */
  name: string;
  /** Index of the file's class. */
  class: number;
  /** Artist, whose files all stay on one side of a split; null if unknown. */
  artist: string | null;
  /** Length of the audio, in seconds; 0 for a row of a table. */
  seconds: number;
}

/** A file of a project with its features. */
export interface ProjectFileWithFeatures extends ProjectFile {
  /** Features of the file; null for a row of a table. */
  features: FileFeatures | null;
}

/** Content of a project: classes, and files with their features. */
export interface ProjectContent {
  /** Name of the project. */
  name: string;
  /** Names of the classes. Files refer to them by index. */
  classes: string[];
  /** Audio files, or the rows of a table. */
  files: ProjectFileWithFeatures[];
  /** Values of the table; null if the project contains audio. */
  table: TableRows | null;
}

/** Columns and values of a table. */
export interface TableRows {
  /** Names of the columns. */
  columns: string[];
  /** Values, `[nRows][nColumns]`, concatenated in the order of the project's files. */
  values: Float32Array;
}

/** A file in the manifest of a project's zip file. */
export interface ManifestFile extends ProjectFile {
  /** Number of windows. */
  windows: number;
}

/** Manifest of a project's zip file. */
export interface ProjectManifest {
  /** Name of the project. */
  name: string;
  /** Names of the classes. */
  classes: string[];
  /** Audio files, or the rows of a table. */
  files: ManifestFile[];
  /** Names of the table's columns; null if the project contains audio. */
  columns: string[] | null;
  /** Training settings; null if none were chosen. */
  settings: TrainSettings | null;
}

/** A limitation of a run's metrics. */
export type TrainNote =
  | {
      /** Files of a class are by an artist who is on both sides of the split, because the classes have too few artists. */
      kind: 'one-artist';
      /** Name of the class. */
      class: string;
    }
  | {
      /** The run stopped early with the epoch that was best on the validation set, so its metrics are optimistic. */
      kind: 'chosen-on-validation';
    }
  | {
      /** The run was resumed without the optimiser's moments, so its result differs slightly from an uninterrupted run. */
      kind: 'optimizer-reset';
      /** Number of times. */
      times: number;
    };

/** Metrics of one epoch. */
export interface TrainEpoch {
  /** Number of the network, from 1. With cross-validation, the last one trains on all files. */
  fold: number;
  /** Number of networks: one per fold, and the one that trains on all files. */
  nFolds: number;
  /** Number of the epoch, from 1. */
  epoch: number;
  /** Maximum number of epochs. */
  epochs: number;
  /** Training loss, in nats. */
  trainLoss: number;
  /** Top-1 accuracy on augmented windows of the training files. */
  trainTop1: number;
  /** Validation loss, in nats; null without a validation set. */
  validationLoss: number | null;
  /** Top-1 accuracy on the validation windows; null without a validation set. */
  validationTop1: number | null;
  /** Learning rate at the end of the epoch. */
  learningRate: number;
  /** Whether this is the best epoch so far on the validation set. A run that stops early keeps the best epoch. */
  isBest: boolean;
}

/** Metrics of one class. */
export interface ClassMetrics {
  /** Name of the class. */
  label: string;
  /** Number of files in the class. */
  n: number;
  /** Precision; 0 if no file is predicted to be in the class. */
  precision: number;
  /** Recall; 0 if the class has no files. */
  recall: number;
  /** F1 score: harmonic mean of precision and recall. */
  f1: number;
}

/** Metrics over files. */
export interface Metrics extends Omit<Figures, 'part' | 'rawEce'> {
  /** Confusion matrix, `[nClasses][nClasses]`: number of files by true class (outer) and predicted class (inner). */
  confusion: number[][];
  /** Metrics of each class. */
  perClass: ClassMetrics[];
}

/** A bin of the reliability diagram: predictions of similar confidence. */
export interface ReliabilityBin {
  /** Number of predictions. */
  n: number;
  /** Mean probability of the predicted class. */
  confidence: number;
  /** Accuracy of the predictions. */
  accuracy: number;
}

/** Prediction for a file in the validation set. */
export interface FilePrediction {
  /** Index of the file in the project. */
  file: number;
  /** Probability of each class. */
  probabilities: number[];
}

/** Results of a training run. */
export interface TrainResult {
  /** Indices of the files in the training set. */
  train: number[];
  /** Indices of the files in the validation set; with cross-validation, all files. */
  validation: number[];
  /** Predictions for the validation files, each by a network that was not trained on the file. */
  predictions: FilePrediction[];
  /** Metrics of these predictions. */
  metrics: Metrics;
  /** Reliability diagram, with 15 bins of equal width. */
  reliability: ReliabilityBin[];
  /** 95 % confidence interval of the top-1 accuracy (Wilson), with the number of artists as sample size. */
  interval: [number, number];
  /** Coordinates of each file on a map where similar files are close together, `[x, y]`. */
  coordinates: [number, number][];
  /** Number of the epoch whose weights were kept. */
  keptEpoch: number;
  /** Loss of the first step, in nats, to check that a run is reproducible on another machine. */
  firstLoss: number;
  /** Limitations of the metrics. */
  notes: TrainNote[];
}

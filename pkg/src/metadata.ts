/** Metrics of a network on rows by artists that it was not trained on. Fractions are 0 to 1. */
export interface Figures {
  /** Description of the rows. */
  part: string;
  /** Number of rows. */
  n: number;
  /** Top-1 accuracy. */
  top1: number;
  /** Top-3 accuracy. */
  top3: number;
  /** Balanced accuracy: mean recall over the genres. */
  balanced: number;
  /** Macro F1: mean F1 score over the genres. */
  macroF1: number;
  /** Expected calibration error. */
  ece: number;
  /** Expected calibration error without temperature scaling. */
  rawEce: number;
}

/** A network and its input. */
export interface NetworkSpec {
  /** The network. Its other settings are not typed here. */
  model: {
    /** Kind of the network, such as `cnn`, `rnn` or `mlp`. */
    kind: string;
  };
  /** Input of the network: either `audio` or `columns`. */
  input: {
    /** Features of audio. */
    audio?: {
      /** Kind of the features: `mel` or `mfcc`. */
      kind: string;
      /** Length of a window. */
      windowSeconds: number;
    };
    /** Columns of a table. */
    columns?: {
      /** Names of the columns, in the order of the network's input. */
      names: string[];
    };
  };
}

/** Metadata of a weights file. It is plain data and contains more fields than are typed here. */
export interface Metadata {
  /** Names of the genres, in label order. */
  labels: string[];
  /** Softmax temperature, above 0. */
  temperature: number;
  /** Lowest probability of the most probable genre in a confident prediction. */
  threshold: number;
  /** The network that makes the prediction. */
  network: NetworkSpec;
  /** Networks whose predictions are combined, by name; empty for a single network. */
  parts: Record<string, NetworkSpec>;
  /** Origin and metrics of the weights. */
  modelCard: ModelCard;
}

/** Model card: origin and metrics of the weights. */
export interface ModelCard {
  /** Short description of the model. */
  name: string;
  /** Command that created the weights. */
  command: string;
  /** Date on which the weights were created, such as 2026-11-23; empty if unknown. */
  date: string;
  /** Version of Tonearm that created the weights; empty if unknown. */
  version: string;
  /** Training data. */
  data: DataCard;
  /** Description of the training set. */
  fittedOn: string;
  /** Number of trained parameters. */
  nParameters: number;
  /** Number of multiply-adds per window. */
  multiplyAdds: number;
  /** Quality of the estimated Echo Nest features. */
  estimates: EstimateCard[];
  /** Top-1 accuracy over several seeds; null if only one was trained. */
  repeats: MeanStd | null;
  /** How the data was split. */
  split: SplitCard;
  /** Number of folds of the cross-validation; 0 if there was none. */
  folds: number;
  /** Coverage and accuracy of confident predictions. */
  confident: Confident;
  /** Metrics of each part of the data. */
  figures: Figures[];
  /** Details of the main metrics; null if there are none. */
  headline: Headline | null;
}

/** Training data of a model. */
export interface DataCard {
  /** Name of the data. */
  file: string;
  /** Number of tracks or windows. */
  rows: number;
  /** Number of groups, as defined by `grouping`. */
  artists: number;
  /** What stays on one side of the split; `none` if rows are split individually. */
  grouping: 'artist' | 'group' | 'none';
  /** Description of the licence; empty if unknown. */
  licence: string;
}

/** Quality of an estimated Echo Nest feature. */
export interface EstimateCard {
  /** Name of the feature. */
  name: string;
  /** Coefficient of determination on artists outside of the training set; at most 1. */
  r2: number;
  /** Whether `r2` is high enough to show the estimate. */
  shown: boolean;
}

/** Mean and standard deviation of a metric over several seeds. */
export interface MeanStd {
  /** Number of seeds. */
  n: number;
  /** Mean. */
  mean: number;
  /** Standard deviation. */
  deviation: number;
}

/** How the data was split. */
export interface SplitCard {
  /** Seed of the split. */
  seed: number;
  /** Fraction of the rows in the validation set. */
  validation: number;
  /** Fraction of the rows in the test set. */
  test: number;
  /** Whether rows were split at random, so that an artist can be on both sides, as in the original study. */
  random: boolean;
}

/** Confident predictions on rows that the network was not trained on. */
export interface Confident {
  /** Fraction of the rows with a confident prediction. */
  coverage: number;
  /** Accuracy of the confident predictions. */
  accuracy: number;
}

/** Details of the main metrics. */
export interface Headline {
  /** The `part` of the metrics to which this belongs. */
  part: string;
  /** 95 % confidence interval of the top-1 accuracy, in which the songs of an artist count as dependent. */
  interval: [number, number];
  /** Confusion matrix, `[nLabels][nLabels]`: number of rows by true label (outer) and predicted label (inner). */
  confusion: number[][];
}

/** Kind of a network, such as `cnn`; `fusion` if several are combined. */
export function kindOf({ network, parts }: Metadata): string {
  return Object.keys(parts).length > 0 ? 'fusion' : network.model.kind;
}

/** Length of the analysis windows, in seconds; undefined if the network does not analyse audio. */
export function windowSeconds({ network, parts }: Metadata): number | undefined {
  const inputs = [network, ...Object.values(parts)].map(({ input }) => input);
  return inputs.find(({ audio }) => audio)?.audio?.windowSeconds;
}

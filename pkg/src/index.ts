/**
 * The inference engine, which recognises genres, and the training client, which trains classifiers on your own classes.
 *
 * @module tonearm
 */
export { Engine, type EngineOptions } from './engine.js';
export {
  type Confident,
  type DataCard,
  type EstimateCard,
  type Figures,
  type Headline,
  type MeanStd,
  type Metadata,
  type ModelCard,
  type NetworkSpec,
  type SplitCard,
  kindOf,
  windowSeconds,
} from './metadata.js';
export {
  type AssetOptions,
  type Backend,
  type BackendChoice,
  type ModuleName,
  type ClassifyOptions,
  type CoreError,
  type CorePrediction,
  type DecodedAudio,
  type ErrorCode,
  type Fallback,
  type Genre,
  type MapPosition,
  NETWORKS,
  type Neighbour,
  type NetworkName,
  type Prediction,
  type Probabilities,
  type Samples,
  type Source,
  type Span,
  type Spectrogram,
  type Stage,
  TABLE_NETWORKS,
  type TableNetworkName,
  TonearmError,
  type TrackMap,
} from './types.js';
export { type FileFeaturesResult, TrainingClient } from './training-client.js';
export type { TrainDevice, TrainOptions, TrainOutcome, TrainRun } from './runtime/train-run.js';
export type { TrainProgress, Unpacked } from './worker/protocol.js';

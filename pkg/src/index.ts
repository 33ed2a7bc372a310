/**
 * The inference engine, which recognises genres, and the training client, which trains classifiers on your own classes.
 *
 * @module tonearm
 */
export { Engine, type EngineOptions } from './engine.js';
export {
  type AssetOptions,
  type Backend,
  type BackendChoice,
  type ModuleName,
  type ClassifyOptions,
  type Confident,
  type CoreError,
  type CorePrediction,
  type DataCard,
  type DecodedAudio,
  type ErrorCode,
  type EstimateCard,
  type Fallback,
  type Figures,
  type Genre,
  type Headline,
  type MapPosition,
  type MeanStd,
  type Metadata,
  type ModelCard,
  NETWORKS,
  type Neighbour,
  type NetworkName,
  type NetworkSpec,
  type Prediction,
  type Probabilities,
  type Samples,
  type Source,
  type Span,
  type Spectrogram,
  type SplitCard,
  type Stage,
  TABLE_NETWORKS,
  type TableNetworkName,
  TonearmError,
  type TrackMap,
  kindOf,
  windowSeconds,
} from './types.js';
export { type FileFeaturesResult, TrainingClient, type TrainDevice, type TrainOptions, type TrainOutcome, type TrainRun } from './training-client.js';
export type { TrainProgress, Unpacked } from './worker/protocol.js';

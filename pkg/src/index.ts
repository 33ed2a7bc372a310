export { Engine, type EngineOptions } from './engine.js';
export {
  type Backend,
  type BackendChoice,
  type Card,
  type ClassifyOptions,
  type CorePrediction,
  type Figures,
  type Genre,
  type MelBands,
  NETWORKS,
  type NetworkName,
  type Part,
  type Place,
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
  kindOf,
  windowSeconds,
} from './types.js';
export { type HeardFile, Studio, type TrainDevice, type TrainOptions, type TrainOutcome, type TrainRun } from './studio.js';
export type { TrainProgress } from './protocol.js';
export { type SharedEngine, shareEngine } from './shared-engine.js';
export { save } from './export.js';
export { clock, duration, titleOf } from './format.js';
export { genreColour, paletteStyles } from './palette.js';

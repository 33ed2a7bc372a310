/** Where to compute: on the CPU with WebAssembly, or on the GPU with WebGPU. */
export type Backend = 'cpu' | 'webgpu';

/** The wasm modules of the package: one per backend, and one for the CPU that includes training. */
export type ModuleName = Backend | 'train';

/** A backend, or `auto`, which uses the GPU if one is available, the track is long, and a short benchmark shows that the GPU is faster. */
export type BackendChoice = Backend | 'auto';

/** Stage of a job. `waiting` means that the previous track is being analysed; the other stages follow in this order. */
export type Stage = 'waiting' | 'loading' | 'decoding' | 'analysing';

/** Probability of each genre, by label, in label order. The probabilities sum to 1. */
export type Probabilities = Record<string, number>;

/** An interval of a track, with its probabilities. */
export interface Span {
  /** Start of the interval. */
  startSeconds: number;
  /** End of the interval. */
  endSeconds: number;
  /** Probability of each genre; null if the interval is silent. */
  probabilities: Probabilities | null;
}

/** The audio networks that are shipped with the package. */
export const NETWORKS = ['fusion', 'cnn', 'rnn'] as const;

/** An audio network of the package. `fusion` combines several networks. */
export type NetworkName = (typeof NETWORKS)[number];

/** The networks of the package that classify rows of Echo Nest features instead of audio. */
export const TABLE_NETWORKS = ['mlp-eleven', 'mlp-four', 'mlp-rock-electronic'] as const;

/** A network of the package for tables. */
export type TableNetworkName = (typeof TABLE_NETWORKS)[number];

/** Locations of the package's files. */
export interface AssetOptions {
  /** Which of the shipped networks to use. Default: `fusion`. */
  network?: NetworkName | TableNetworkName;
  /** Weights file to use instead, as a URL or as its bytes. */
  weights?: string | URL | Uint8Array | ArrayBuffer;
  /** URL of a folder that holds a copy of the package, with `dist/`, `wasm/` and `weights/`. Default: the package's own. */
  assets?: string | URL;
}

/** Reads the file at a URL or path. */
export type Read = (location: string | URL) => Promise<Uint8Array<ArrayBuffer>>;

/** Position of a track on the map of training tracks. */
export interface MapPosition {
  /** Horizontal position, to the right. */
  x: number;
  /** Vertical position, upwards. */
  y: number;
  /** The most similar training tracks, nearest first. */
  neighbours: Neighbour[];
  /** Whether the track is out of distribution: noise, speech, or another kind of music. */
  outOfDistribution: boolean;
  /** Whether the track sounds like speech. If so, `outOfDistribution` is true as well. */
  speech: boolean;
}

/** A training track. */
export interface Neighbour {
  /** Number of the track in the training data. */
  trackId: number;
  /** Genre of the track. */
  label: string;
}

/** Map of the training tracks, on which similar tracks are close together. */
export interface TrackMap {
  /** Coordinates, `[nTracks][2]`, x and y. */
  coordinates: Float32Array;
  /** Index of each track's label, `[nTracks]`. */
  labels: Uint8Array;
}

/** The prediction for a track. The JSON of the command-line program has the same fields under snake_case names. */
export interface CorePrediction {
  /** The most probable genre; null if the track is silent. */
  label: string | null;
  /** Whether the most probable genre reaches the threshold and the track is not out of distribution. */
  confident: boolean;
  /** The two most probable genres, if none reaches the threshold; null if the track is out of distribution. */
  between: [string, string] | null;
  /** Probabilities for the whole track: the mean over its windows; null if the track is silent. */
  probabilities: Probabilities | null;
  /** Estimated Echo Nest features, by name; null if the network does not estimate them. */
  estimates: Record<string, number> | null;
  /** Position on the map; null if the track is silent or the weights contain no map. */
  mapPosition: MapPosition | null;
  /** Windows, the inputs of the network, in order. They overlap. */
  windows: Span[];
  /** Steps of the timeline: intervals of about two seconds that cover the track, in order. */
  timeline: Span[];
  /** Length of the track. */
  durationSeconds: number;
  /** Sample rate of the decoded track, in Hz. */
  sampleRate: number;
  /** Whether the track is shorter than a window and was repeated to fill it. */
  looped: boolean;
}

/** Mel spectrogram of a track. */
export interface Spectrogram {
  /** Levels, `[nColumns][nMels]`, lowest band first. 255 is the loudest cell, 0 is 80 dB below it. */
  data: Uint8Array;
  /** Number of columns over the length of the track. */
  nColumns: number;
  /** Number of mel bands. */
  nMels: number;
  /** Edges of the mel bands in Hz, `[nMels + 2]`. Band `i` has its peak at `edgesHz[i + 1]`. */
  edgesHz: number[];
  /** Length of the track, in seconds. */
  seconds: number;
}

/** A genre and its probability. */
export interface Genre {
  /** Name of the genre. */
  label: string;
  /** Probability, 0 to 1. */
  probability: number;
}

/** Why the CPU was used although the GPU was requested or chosen. */
export interface Fallback {
  /**
   * - `gpu-absent`: no GPU is available.
   * - `gpu-lost`, `gpu-silent`, `gpu-crashed`: the connection to the GPU was lost, it stopped responding, or its program
   *   crashed.
   * - `gpu-needs-worker`: the page does not allow the worker that the GPU needs.
   * - `gpu-failed`: any other failure.
   */
  code: 'gpu-absent' | 'gpu-lost' | 'gpu-silent' | 'gpu-crashed' | 'gpu-needs-worker' | 'gpu-failed';
  /** English message of the failure for `gpu-failed`, otherwise empty. */
  detail: string;
}

/** The prediction for a track, with data for its display. */
export interface Prediction extends CorePrediction {
  /** The most probable genres, in descending order. */
  top: Genre[];
  /** Backend that computed the prediction. */
  backend: Backend;
  /** Time from the start of decoding to the prediction. Waiting and downloads are not included. */
  elapsedSeconds: number;
  /** Why the CPU was used although the GPU was requested or chosen; null otherwise. */
  fallback: Fallback | null;
  /** Notes for the user, as sentences, for example that the sample rate could not be read. */
  notes: string[];
  /** Mel spectrogram of the track; null unless `classify` was called with `spectrogram: true`. */
  spectrogram: Spectrogram | null;
  /** Waveform: largest magnitude in each of equally long parts of the track. */
  peaks: Float32Array;
}

/** Decoded audio. */
export interface Samples {
  /** Samples, `[nChannels][nSamples]`, in -1..1. */
  channels: Float32Array[];
  /** Sample rate, in Hz. */
  sampleRate: number;
}

/** The members of the browser's `AudioBuffer` that are used. The type also exists in Node, which has no `AudioBuffer`. */
export interface DecodedAudio {
  /** Number of channels. */
  readonly numberOfChannels: number;
  /** Sample rate, in Hz. */
  readonly sampleRate: number;
  /** Samples of a channel, `[nSamples]`, in -1..1. */
  getChannelData(channel: number): Float32Array;
}

/** Audio to classify: a file, its URL, or decoded audio. The engine does not modify it. */
export type Source = Blob | string | URL | DecodedAudio | Samples;

/** Options of `Engine.classify`. */
export interface ClassifyOptions {
  /** Cancels the analysis at any time. The promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called when a stage begins. */
  onStage?: (stage: Stage) => void;
  /** Called with the fraction of the analysis that is done, 0 to 1. It never decreases. */
  onProgress?: (progress: number) => void;
  /** Number of genres in the prediction's `top`. Default: 3. */
  topK?: number;
  /** Whether to compute the prediction's `spectrogram`. Default: false. */
  spectrogram?: boolean;
}

/** Error codes. Errors of the core have the code `weights` or `refused`. */
export type ErrorCode =
  | 'empty'
  | 'not-audio'
  | 'too-long'
  | 'unreadable'
  | 'not-wav'
  | 'no-simd'
  | 'no-wasm'
  | 'download'
  | 'download-stalled'
  | 'song-download'
  | 'song-stalled'
  | 'song-absent'
  | 'song-forbidden'
  | 'weights'
  | 'refused'
  | 'worker'
  | 'closed';

/** Which error of the core an error is based on, for programs and translations. */
export interface CoreError {
  /** Identifies the error, such as `clip-too-short`. */
  code: string;
  /** What the error states, such as the length that was expected. */
  parameters: Readonly<Record<string, unknown>>;
}

/** An error that can be shown to the user. Its message and its advice are sentences. */
export class TonearmError extends Error {
  /** `TonearmError`, also in minified builds. */
  override name = 'TonearmError';

  /**
   * @param code - Identifies the error.
   * @param message - What happened.
   * @param advice - What to do next.
   * @param core - The error of the core with this message; null if the package detected the error itself.
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly advice: string,
    readonly core: CoreError | null = null,
  ) {
    super(message);
  }
}

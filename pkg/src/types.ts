/** What computes: WebAssembly on the processor, or the graphics card through WebGPU. */
export type Backend = 'cpu' | 'webgpu';

/** The modules of the package: for each backend one, and one with training beside. */
export type ModuleName = Backend | 'train';

/** `auto` takes the graphics card where there is one, the track is long enough to be worth it, and a trial run was faster. */
export type BackendChoice = Backend | 'auto';

/** What a job is doing: `waiting` for the track before it, and then one after the other. */
export type Stage = 'waiting' | 'loading' | 'decoding' | 'analysing';

/** Probability of each genre, by its label, in label order; they sum to 1. */
export type Probabilities = Record<string, number>;

/** A stretch of the track and its answer. */
export interface Span {
  /** Where it begins. */
  start_seconds: number;
  /** Where it ends. */
  end_seconds: number;
  /** Its answer; null where there is no sound. */
  probabilities: Probabilities | null;
}

/** The networks whose weights come with the package. */
export const NETWORKS = ['fusion', 'cnn', 'rnn'] as const;

/** One of them: `fusion`, of the others together, or one alone. */
export type NetworkName = (typeof NETWORKS)[number];

/** The networks of the package that read rows of Echo Nest features and not audio. */
export const TABLE_NETWORKS = ['mlp-eleven', 'mlp-four', 'mlp-rock-electronic'] as const;

/** One of them. */
export type TableNetworkName = (typeof TABLE_NETWORKS)[number];

/** Where the files of the package are taken from. */
export interface AssetOptions {
  /** Which of the shipped networks answers. Default: `fusion`. */
  network?: NetworkName | TableNetworkName;
  /** Weights file of another network: its address or its bytes. */
  weights?: string | URL | Uint8Array | ArrayBuffer;
  /** Folder that holds a copy of the package: its `dist/`, `wasm/` and `weights/`. Default: the package's own. */
  assets?: string | URL;
}

/** Gives the bytes at an address. */
export type Read = (address: string | URL) => Promise<Uint8Array<ArrayBuffer>>;

/** Where a track lands among those that the network was trained on. */
export interface Place {
  /** On the map, from the left. */
  x: number;
  /** On the map, upwards. */
  y: number;
  /** The tracks that sound most alike, the nearest first. */
  neighbours: Neighbour[];
  /** Whether it is unlike all of them: noise, speech, or music of another kind. */
  strange: boolean;
  /** Whether it sounds like speech, and is strange for that. */
  speech: boolean;
}

/** A track that the network was trained on. */
export interface Neighbour {
  /** Its number in the data that the weights were made from. */
  track_id: number;
  /** Its genre. */
  label: string;
}

/** The tracks that a network was trained on, as its weights map them. */
export interface TrackMap {
  /** `[n][2]`, x and y of each. */
  places: Float32Array;
  /** `[n]`, the place of each one's genre among the labels. */
  labels: Uint8Array;
}

/** The answer for one track as the core gives it: the same JSON as the companion binary's. */
export interface CorePrediction {
  /** The likeliest genre; null when the track is silent. */
  label: string | null;
  /** Whether the likeliest genre is likely enough to be called the answer, and the track not strange. */
  confident: boolean;
  /** The two likeliest genres, where neither is likely enough; null where the track is strange. */
  between: [string, string] | null;
  /** Of the whole track: the mean of its windows; null when it is silent. */
  probabilities: Probabilities | null;
  /** Echo Nest features as the sound suggests them, by name; null where the network makes no estimates. */
  estimates: Record<string, number> | null;
  /** Where it lands on the map; null where there is no sound, or the weights have no map. */
  place: Place | null;
  /** What the network was shown at once, in order; they overlap. */
  windows: Span[];
  /** The timeline: stretches of about two seconds that cover the track in order. */
  moments: Span[];
  /** Length of the track. */
  duration_seconds: number;
  /** The rate at which the track was decoded, in Hz. */
  sample_rate: number;
  /** Whether the track was so short that it was repeated to fill a window. */
  looped: boolean;
}

/** The mel spectrogram of a whole track. */
export interface Spectrogram {
  /** `[n_columns][n_mels]`, 0 to 255 over the 80 dB below the loudest cell; band 0 is the lowest. */
  data: Uint8Array;
  /** Moments, from the start of the track to its end. */
  n_columns: number;
  /** Mel bands. */
  n_mels: number;
  /** Edges of the bands in Hz, `[n_mels + 2]`: band `i` has its peak at `edges_hz[i + 1]`. */
  edges_hz: number[];
  /** Length of the track. */
  seconds: number;
}

/** One genre and its probability. */
export interface Genre {
  /** Its name. */
  label: string;
  /** From 0 to 1. */
  probability: number;
}

/** The answer for one track, with what a page needs to show it. */
export interface Prediction extends CorePrediction {
  /** The likeliest genres, likeliest first. */
  top: Genre[];
  /** What computed the answer. */
  backend: Backend;
  /** Time from the start of decoding to the answer, in seconds; waiting and downloading are not in it. */
  elapsed_seconds: number;
  /** Why the CPU answered although the graphics card was to; null otherwise. */
  fallback: string | null;
  /** Sentences that a reader of the answer should know, such as an unreadable sample rate. */
  notes: string[];
  /** What the network looked at. */
  spectrogram: Spectrogram;
  /** Largest magnitude of each of equal parts of the track: the waveform picture. */
  peaks: Float32Array;
}

/** Raw audio. */
export interface Samples {
  /** `[n_channels][n_samples]`, in -1..1. */
  channels: Float32Array[];
  /** In Hz. */
  sampleRate: number;
}

/** What an `AudioBuffer` of the browser has; other programs than browsers know no such type. */
export interface DecodedAudio {
  /** How many channels. */
  readonly numberOfChannels: number;
  /** In Hz. */
  readonly sampleRate: number;
  /** `[n_samples]` of a channel, in -1..1. */
  getChannelData(channel: number): Float32Array;
}

/** Anything that can be classified. What you pass stays yours. */
export type Source = Blob | string | URL | DecodedAudio | Samples;

/** How good a network was on rows of artists that it had not seen; shares are 0 to 1. */
export interface Figures {
  /** Which rows, in words. */
  part: string;
  /** How many rows. */
  n: number;
  /** Share right. */
  top1: number;
  /** Share with the truth among the first three. */
  top3: number;
  /** Mean recall of the genres. */
  balanced: number;
  /** Mean F1 of the genres. */
  macro_f1: number;
  /** Expected calibration error. */
  ece: number;
  /** The same without the temperature that is fitted on held-out rows. */
  raw_ece: number;
}

/** A network and what it reads. */
export interface Part {
  /** The network; its settings are beside its kind. */
  model: {
    /** `cnn`, `rnn` or `mlp`, for instance. */
    kind: string;
  };
  /** What it reads: one of the two. */
  input: {
    /** Features of audio. */
    audio?: {
      /** `mel` or `mfcc`. */
      kind: string;
      /** Length of the stretches that it is shown. */
      window_seconds: number;
    };
    /** Columns of a table. */
    columns?: {
      /** In the order in which it reads them. */
      names: string[];
    };
  };
}

/** What the weights file says of itself; more than is named here, and all of it plain data. */
export interface Card {
  /** Names of the genres. */
  labels: string[];
  /** Least probability of the likeliest genre in a confident answer. */
  threshold: number;
  /** What gives the answer. */
  network: Part;
  /** Networks whose answers it reads, by name; none for a network that stands alone. */
  parts: Record<string, Part>;
  /** Where the weights come from and how good they are. */
  card: ModelCard;
}

/** Where weights come from and how good they are. */
export interface ModelCard {
  /** What they are, in a few words. */
  name: string;
  /** The command that made the weights. */
  command: string;
  /** The day that they were made on, as 2026-11-23; empty where it was not said. */
  date: string;
  /** The version of Tonearm that made them; empty where it was not said. */
  version: string;
  /** What they were made from. */
  data: DataCard;
  /** What the parameters were fitted on, in words. */
  fitted_on: string;
  /** How many numbers were trained. */
  n_parameters: number;
  /** Per window. */
  multiply_adds: number;
  /** How good its estimates of the Echo Nest features are. */
  estimates: EstimateCard[];
  /** Share right over several seeds; null without. */
  repeats: Spread | null;
  /** How rows were shared out. */
  split: SplitCard;
  /** Folds of the cross-validation; 0 without one. */
  folds: number;
  /** Share of confident answers, and how many of them are right. */
  confident: Confident;
  /** How good it was, a part of the rows each. */
  figures: Figures[];
  /** More about the figures that count; null where there are none. */
  headline: Headline | null;
}

/** The data that weights were made from. */
export interface DataCard {
  /** Its name. */
  file: string;
  /** How many tracks or windows. */
  rows: number;
  /** How many there are of what `grouping` says. */
  artists: number;
  /** What is kept on one side of a split; `none` where each row counts for itself. */
  grouping: 'artist' | 'group' | 'none';
  /** In words; empty where it was not said. */
  licence: string;
}

/** How good the estimate of an Echo Nest feature is. */
export interface EstimateCard {
  /** The feature. */
  name: string;
  /** Share of its variance that is explained, by artists that it was not fitted on; at most 1. */
  r2: number;
  /** Whether that is enough for the estimate to be shown. */
  shown: boolean;
}

/** How a share varies from seed to seed. */
export interface Spread {
  /** How many seeds. */
  n: number;
  /** Over the seeds. */
  mean: number;
  /** Standard deviation over the seeds. */
  deviation: number;
}

/** How rows were shared out. */
export interface SplitCard {
  /** Decides which row goes where. */
  seed: number;
  /** Share of the rows that validate. */
  validation: number;
  /** Share of the rows that test. */
  test: number;
  /** Whether artists may stand on both sides, as in the study. */
  random: boolean;
}

/** Answers that reach the threshold, among rows that the network had not seen. */
export interface Confident {
  /** Share of the rows that get one. */
  coverage: number;
  /** Share of those that is right. */
  accuracy: number;
}

/** More about the figures that count. */
export interface Headline {
  /** Part of the figures that it belongs to. */
  part: string;
  /** Bounds of the middle 95 % of the share right, by artists. */
  interval: [number, number];
  /** `[n_labels][n_labels]`, rows by true label (outer) and answer (inner). */
  confusion: number[][];
}

/** Kind of a network, as a person calls it; `fusion` for several together. */
export function kindOf({ network, parts }: Card): string {
  return Object.keys(parts).length > 0 ? 'fusion' : network.model.kind;
}

/** Length of the windows that a track is analysed in, in seconds; undefined if the networks read no audio. */
export function windowSeconds({ network, parts }: Card): number | undefined {
  const inputs = [network, ...Object.values(parts)].map(({ input }) => input);
  return inputs.find(({ audio }) => audio)?.audio?.window_seconds;
}

/** Options of one classification. */
export interface ClassifyOptions {
  /** Stops the job, in the middle of a track too; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Told what the job is doing. */
  onStage?: (stage: Stage) => void;
  /** Part of the analysis done, 0 to 1; never goes back. */
  onProgress?: (progress: number) => void;
  /** How many genres `top` holds. Default: 3. */
  topK?: number;
}

/** Names of the known troubles; what the core refuses is `weights` or `refused`. */
export type ErrorCode =
  | 'empty'
  | 'not-audio'
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

/** An error whose message is a sentence for the person at the page. */
export class TonearmError extends Error {
  /** `TonearmError`, in every build. */
  override name = 'TonearmError';

  /**
   * @param code which of the known troubles it is
   * @param message what happened
   * @param advice what to do next
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly advice: string,
  ) {
    super(message);
  }
}

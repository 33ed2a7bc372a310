import type { ErrorCode } from './texts.js';

/** What computes: WebAssembly on the processor, or the graphics card through WebGPU. */
export type Backend = 'cpu' | 'webgpu';

/** The modules of the package: for each backend one, and one with training beside. */
export type ModuleName = Backend | 'train' | 'train-webgpu';

/** `auto` takes the graphics card where there is one, the track is long enough to be worth it, and a trial run was faster. */
export type BackendChoice = Backend | 'auto';

/** What a job is doing: `waiting` for the track before it, and then one after the other. */
export type Stage = 'waiting' | 'loading' | 'decoding' | 'analysing';

/** Probability of each genre, by its label, in label order; they sum to 1. */
export type Probabilities = Record<string, number>;

/** A stretch of the track and its answer. */
export interface Span {
  start_seconds: number;
  end_seconds: number;
  /** Null where there is no sound. */
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

/** Where a track lands among those that the network was trained on. */
export interface Place {
  /** On the map, from the left. */
  x: number;
  /** On the map, upwards. */
  y: number;
  /** The tracks that sound most alike, the nearest first. */
  neighbours: { track_id: number; label: string }[];
  /** Whether it is unlike all of them: noise, speech, or music of another kind. */
  strange: boolean;
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
  /** Null when the track is silent. */
  probabilities: Probabilities | null;
  /** Echo Nest features as the sound suggests them, by name; null where the network makes no estimates. */
  estimates: Record<string, number> | null;
  /** Where it lands on the map; null where there is no sound, or the weights have no map. */
  place: Place | null;
  windows: Span[];
  /** The timeline: short stretches that cover the track in order. */
  moments: Span[];
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
  n_columns: number;
  n_mels: number;
  seconds: number;
}

/** One genre and its probability. */
export interface Genre {
  label: string;
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
  spectrogram: Spectrogram;
  /** Largest magnitude of each of equal parts of the track: the waveform picture. */
  peaks: Float32Array;
}

/** Raw audio: one array per channel, all of one length, in -1..1. */
export interface Samples {
  channels: Float32Array[];
  /** In Hz. */
  sampleRate: number;
}

/** Anything that can be classified. What you pass stays yours. */
export type Source = Blob | string | URL | AudioBuffer | Samples;

/** How good a network was on rows of artists that it had not seen; shares are 0 to 1. */
export interface Figures {
  /** Which rows, in words. */
  part: string;
  n: number;
  top1: number;
  top3: number;
  /** Mean recall of the genres. */
  balanced: number;
  macro_f1: number;
  /** Expected calibration error. */
  ece: number;
}

/** Bands of pitch, evenly spaced on the mel scale. */
export interface MelBands {
  n_mels: number;
  /** Lower edge of the lowest, in Hz. */
  f_min: number;
  /** Upper edge of the highest, in Hz. */
  f_max: number;
}

/** A network and what it reads: features of audio, or columns of a table. */
export interface Part {
  model: { kind: string };
  input: { audio?: { kind: string; mel: MelBands; window_seconds: number }; columns?: { names: string[] } };
}

/** What the weights file says of itself; more than is named here, and all of it plain data. */
export interface Card {
  labels: string[];
  /** Least probability of the likeliest genre in a confident answer. */
  threshold: number;
  /** What gives the answer. */
  network: Part;
  /** Networks whose answers it reads, by name; none for a network that stands alone. */
  parts: Record<string, Part>;
  card: {
    name: string;
    /** The command that made the weights. */
    command: string;
    /** The day that they were made on, as 2026-11-23; empty where it was not said. */
    date: string;
    /** The version of Tonearm that made them; empty where it was not said. */
    version: string;
    /** `artists` counts what `grouping` says is kept on one side of a split. */
    data: { file: string; rows: number; artists: number; grouping: 'artist' | 'group' | 'none'; licence: string };
    /** What the parameters were fitted on, in words. */
    fitted_on: string;
    n_parameters: number;
    /** Per window. */
    multiply_adds: number;
    /** How much of the variance of each Echo Nest feature its estimate explains. */
    estimates: { name: string; r2: number; shown: boolean }[];
    /** Share right over several seeds; null without. */
    repeats: { n: number; mean: number; deviation: number } | null;
    /** How rows were shared out. */
    split: { seed: number; validation: number; test: number; random: boolean };
    /** Folds of the cross-validation; 0 without one. */
    folds: number;
    /** Share of confident answers, and how many of them are right. */
    confident: { coverage: number; accuracy: number };
    figures: Figures[];
    /** More about the figures that count; null where there are none. */
    headline: {
      /** Part of the figures that it belongs to. */
      part: string;
      /** Bounds of the middle 95 % of the share right, by artists. */
      interval: [number, number];
      /** Rows by true label (outer) and answer (inner). */
      confusion: number[][];
    } | null;
  };
}

/** Kind of a network, as a person calls it; `fusion` for several together. */
export function kindOf({ network, parts }: Card): string {
  return Object.keys(parts).length > 0 ? 'fusion' : network.model.kind;
}

/** Length of the windows that a track is analysed in, in seconds; undefined if the networks read no audio. */
export function windowSeconds(card: Card): number | undefined {
  return audioOf(card)?.window_seconds;
}

/** Bands of the spectrogram that comes with an answer; undefined if the networks read no audio. */
export function melBands(card: Card): MelBands | undefined {
  return audioOf(card)?.mel;
}

/** The first features of audio that are read; the spectrogram is made of them. */
function audioOf({ network, parts }: Card) {
  const inputs = [network, ...Object.values(parts)].map(({ input }) => input);
  return inputs.find(({ audio }) => audio)?.audio;
}

/** Options of one classification. */
export interface ClassifyOptions {
  /** Stops the job, in the middle of a track too; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  onStage?: (stage: Stage) => void;
  /** Part of the analysis done, 0 to 1; never goes back. */
  onProgress?: (progress: number) => void;
  /** How many genres `top` holds. Default: 3. */
  topK?: number;
}

/** An error whose message is a sentence for the person at the page. */
export class TonearmError extends Error {
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

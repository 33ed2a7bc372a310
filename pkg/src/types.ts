import type { ErrorCode } from './texts.js';

/** What computes: WebAssembly on the processor, or the graphics card through WebGPU. */
export type Backend = 'cpu' | 'webgpu';

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

/** The answer for one track as the core gives it: the same JSON as the companion binary's. */
export interface CorePrediction {
  /** The likeliest genre; null when the track is silent. */
  label: string | null;
  /** Whether the likeliest genre is likely enough to be called the answer. */
  confident: boolean;
  /** The two likeliest genres, when the answer is not confident. */
  between: [string, string] | null;
  /** Null when the track is silent. */
  probabilities: Probabilities | null;
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
  macro_f1: number;
  /** Expected calibration error. */
  ece: number;
}

/** What the weights file says of itself; more than is named here, and all of it plain data. */
export interface Card {
  labels: string[];
  /** Least probability of the likeliest genre in a confident answer. */
  threshold: number;
  model: { kind: string };
  features: { kind: string; window_seconds: number };
  card: {
    name: string;
    /** The command that made the weights. */
    command: string;
    data: { file: string; rows: number; artists: number };
    /** What the parameters were fitted on, in words. */
    fitted_on: string;
    n_parameters: number;
    /** Per window. */
    multiply_adds: number;
    figures: Figures[];
  };
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

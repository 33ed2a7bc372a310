import type { ErrorCode, Stage } from '../types.js';

/** The language of the texts. */
const LANG = 'en';

const wholeNumber = new Intl.NumberFormat(LANG, { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat(LANG, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const twoDecimals = new Intl.NumberFormat(LANG, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const upToTwoDecimals = new Intl.NumberFormat(LANG, { maximumFractionDigits: 2 });
const plurals = new Intl.PluralRules(LANG);
const enumeration = new Intl.ListFormat(LANG, { type: 'unit', style: 'short' });
const alternatives = new Intl.ListFormat(LANG, { type: 'disjunction' });

/** Text with emphasised parts. */
export type RichText = readonly (string | { strong: string })[];

interface ErrorText {
  /** What happened. `file` is the file concerned, or empty. */
  message: (file: string) => string;
  /** What to do next. */
  advice: string;
}

const checkConnection = 'Check the connection and try again.';

/** Texts of the errors that the package itself detects. `weights` and `refused` usually have a message from the core. */
export const errorTexts: Record<ErrorCode, ErrorText> = {
  empty: { message: () => 'This file is empty.', advice: 'Copy it again from its source, or choose another.' },
  'not-audio': {
    message: () => 'This file contains no audio that the browser can decode.',
    advice: 'Try an mp3, wav, flac, ogg or m4a file.',
  },
  'too-long': {
    message: () => 'This file is longer than 3 hours.',
    advice: 'Cut it into shorter parts.',
  },
  unreadable: {
    message: (file) => `The file could not be read (${file}).`,
    advice: 'Check its path and its permissions.',
  },
  'not-wav': {
    message: () => 'This is not a supported wav file: it must contain integer samples of 8 to 32 bits, or float samples.',
    advice: 'Convert it to 16-bit PCM wav. Other formats can only be decoded in a browser.',
  },
  'no-simd': {
    message: () => 'This browser does not support WebAssembly SIMD, which the analysis needs.',
    advice: 'Open the page in a current version of Chrome, Edge, Firefox or Safari.',
  },
  'no-wasm': {
    message: () => 'The content security policy of this site blocks WebAssembly, which the analysis needs.',
    advice: 'The site must allow ‘wasm-unsafe-eval’ in script-src.',
  },
  download: {
    message: (file) => `A part of the program could not be downloaded (${file}).`,
    advice: 'Check the connection and try again. If the error persists, the file is missing on the server.',
  },
  'download-stalled': {
    message: (file) => `The download stalled: no more data arrived (${file}).`,
    advice: checkConnection,
  },
  'song-download': { message: () => 'The song could not be downloaded.', advice: 'Check its address and the connection.' },
  'song-stalled': { message: () => 'The download of the song stalled: no more data arrived.', advice: checkConnection },
  'song-absent': { message: () => 'There is no song at this address.', advice: 'Check the address.' },
  'song-forbidden': {
    message: () => 'The song is on another site, which does not allow this site to read it.',
    advice: 'The other site must send the header Access-Control-Allow-Origin (CORS).',
  },
  weights: {
    message: () => 'The weights could not be read.',
    advice: 'Try again. If the error persists, the weights file must be replaced.',
  },
  refused: { message: () => 'The song could not be analysed.', advice: 'Try another recording.' },
  worker: {
    message: () => 'The analysis stopped unexpectedly, twice.',
    advice: 'Close other tabs to free memory, then try again.',
  },
  closed: {
    message: () => 'The engine was closed before the analysis ended.',
    advice: 'Reload the page, or create a new engine.',
  },
};

/** The fields of a prediction that its announcement uses. */
interface Announced {
  label: string | null;
  between: [string, string] | null;
  place: { strange: boolean; speech: boolean } | null;
  top: { probability: number }[];
}

interface GenreProbability {
  label: string;
  probability: number;
}

/** A probability in per cent. A small one is not rounded to zero. */
function percent(probability: number): string {
  const value = probability * 100;
  return value > 0 && value < 0.5 ? '<1\u00a0%' : `${wholeNumber.format(Math.round(value))}\u00a0%`;
}

/** A frequency or sample rate, in kHz from 1 kHz. */
function frequency(hertz: number): string {
  return hertz < 1000 ? `${wholeNumber.format(hertz)}\u00a0Hz` : `${upToTwoDecimals.format(hertz / 1000)}\u00a0kHz`;
}

function genre({ label, probability }: GenreProbability): string {
  return `${label} ${percent(probability)}`;
}

/** A list such as “5 Rock, 3 Folk”. */
function genreCounts(counts: [label: string, n: number][]): string {
  return enumeration.format(counts.map(([label, n]) => `${wholeNumber.format(n)} ${label}`));
}

/** All texts of the element and the engine, in one place so that they can be translated. */
export const texts = {
  /** The language of the texts. */
  lang: LANG,

  stages: {
    waiting: 'Waiting for the previous song',
    loading: 'Loading the network',
    decoding: 'Decoding the file',
    analysing: 'Analysing the song',
  } satisfies Record<Stage, string>,
  downloadingSong: 'Downloading the song',

  assumedRate: (hertz: number) =>
    `The sample rate could not be read from the file, so it was decoded at ${frequency(hertz)}.`,
  looped: 'The song is short, so it was repeated to fill the analysis window.',
  noTable: 'this network analyses audio and cannot classify rows of a table',
  noTableAdvice: 'Use a network that reads a table, such as mlp-eleven.',
  wrongRow: (got: number, expected: number) =>
    `a row has ${wholeNumber.format(got)} ${plurals.select(got) === 'one' ? 'number' : 'numbers'}, but the network expects ${wholeNumber.format(expected)}`,
  wrongRowAdvice: 'Pass one number for each column, in the order of the columns.',
  gpuAbsent: 'No GPU available; used the CPU.',
  gpuFailed: (reason: string) => `The GPU failed (${reason}); used the CPU.`,
  trainGpuAbsent: 'No GPU available; training on the CPU.',
  trainGpuFailed: (reason: string) => `The GPU failed (${reason}); training continues on the CPU.`,
  weightsUnavailable: (url: string) =>
    `the weights file could not be fetched from ${url}: the address is wrong, or the server does not allow this site to read it`,
  invalidAssets: (url: string) => `“${url}” is not a valid URL of a folder`,
  invalidAssetsAdvice: 'Set assets to the URL of a folder that contains a copy of the package.',
  gpuLost: 'the connection to the GPU was lost',
  gpuSilent: 'the GPU stopped responding',
  gpuCrashed: 'the GPU program crashed',
  gpuNeedsWorker: 'it can only be used in a worker, which this page does not allow',

  chooseSong: 'Choose a song, or drop it here',
  start: 'What genre is it?',
  song: 'Song',
  downloadNote: (bytes: number | undefined) =>
    bytes === undefined
      ? 'The first song downloads program and weights.'
      : `The first song downloads ${oneDecimal.format(bytes / 1e6)} MB of program and weights.`,
  noUpload: 'The song stays on this device.',
  cancel: 'Cancel',
  cancelled: 'Cancelled.',
  tryAgain: 'Try again',
  anotherSong: 'Another song',
  play: 'Play',
  cannotPlay: 'The browser cannot play this file, or the site’s policy does not allow it (media-src blob:).',
  pause: 'Pause',

  noSound: 'No sound',
  noSoundDetail: 'The whole song is silent, so it has no genre.',
  between: (first: string, second: string) => `Between ${first} and ${second}`,
  notSure: 'Not sure',
  /** Details below “Between … and …”: the probabilities of the two genres, then the following genres. */
  notSureBetween: (first: number, second: number, next: GenreProbability[]): RichText => [
    'Not sure: ',
    { strong: percent(first) },
    ', ',
    { strong: percent(second) },
    ...next.map((each) => `, then ${genre(each)}`),
  ],
  nextGenres: (genres: GenreProbability[]): RichText => [
    'then ',
    ...genres.flatMap(({ label, probability }, i) => [...(i > 0 ? [', '] : []), { strong: label }, ` ${percent(probability)}`]),
  ],
  allGenres: 'All genres',
  speech: (first: string) => `It sounds like speech, not music. The best guess would be ${first}.`,
  outOfDistribution: (first: string) =>
    `It is unlike the music that the network was trained on. It may be noise, speech or another kind of music. The best guess would be ${first}.`,
  announcement: (title: string, { label, between, place, top }: Announced) => {
    if (label === null) return `${title}: no sound.`;
    if (place?.speech) return `${title}: not sure, it sounds like speech.`;
    if (place?.strange) return `${title}: not sure, it is unlike the music that the network was trained on.`;
    if (between) return `${title}: not sure, between ${between[0]} and ${between[1]}.`;
    return `${title}: ${label}, ${percent(top[0]?.probability ?? 0)}.`;
  },
  percent,
  genre: (label: string, probability: number) => genre({ label, probability }),
  genres: (genres: GenreProbability[]) => enumeration.format(genres.map(genre)),
  count: (n: number) => wholeNumber.format(n),
  facts: (length: string, hertz: number) => `${length}, ${frequency(hertz)}`,
  milliseconds: (n: number) => `${wholeNumber.format(n)}\u00a0ms`,
  seconds: (n: number) => `${oneDecimal.format(n)}\u00a0s`,

  waveform: 'Position in the song',
  timeline: 'Genre by moment',
  timelineHint: 'Hover over the timeline, or use the arrow keys, to see the genre at each moment.',
  silentMoment: 'no sound',
  momentAt: (time: string, genres: string) => `${time}: ${genres}`,
  timeRange: (start: string, end: string) => `${start}\u2013${end}`,
  spectrogram: 'Spectrogram: low frequencies at the bottom, loud ones in a stronger colour',
  position: (now: string, whole: string) => `${now} of ${whole}`,

  asTable: (name: string) => `${name} as a table`,
  moreRows: (first: number, last: number, all: number) =>
    `Show rows ${wholeNumber.format(first)} to ${wholeNumber.format(last)} of ${wholeNumber.format(all)}`,
  tables: { timeline: 'Timeline', spectrogram: 'Spectrogram', neighbours: 'Most similar tracks', genres: 'Genres on the map' },
  from: 'From',
  to: 'To',
  ranks: ['First', 'Second', 'Third'],
  bands: { bass: 'Bass', middle: 'Middle', treble: 'Treble' },
  band: (name: string, from: number, to: number) => `${name}, ${frequency(from)} to ${frequency(to)}`,
  levelNote: 'Mean level. The loudest point of the spectrogram is 0\u00a0dB.',
  decibels: (level: number) =>
    level < -79.5 ? '−80\u00a0dB or less' : `${level > -0.5 ? '' : '−'}${wholeNumber.format(Math.abs(Math.round(level)))}\u00a0dB`,
  mapTables: {
    neighboursHeadings: ['Rank', 'Track number', 'Genre'],
    genresHeadings: (near: number, similar: number) => [
      'Genre',
      'All tracks',
      `The ${wholeNumber.format(near)} nearest on the map`,
      `The ${wholeNumber.format(similar)} most similar`,
    ],
  },

  saveCsv: 'Save timeline as CSV',
  saveJson: 'Save prediction as JSON',
  backend: { cpu: 'CPU', webgpu: 'GPU' },
  networks: {
    fusion: 'CNN, RNN and MLP together',
    cnn: 'CNN',
    rnn: 'RNN',
    mlp: 'MLP',
  } as Record<string, string>,
  analysedBy: (network: string | undefined, backend: string, time: string) =>
    network === undefined ? `Analysed on the ${backend} in ${time}.` : `Analysed by the ${network} on the ${backend} in ${time}.`,

  map: 'Similar tracks',
  mapNote: (tracks: number) =>
    `The ${wholeNumber.format(tracks)} tracks that the network was trained on. Tracks that sound alike to it are close together (t-SNE).`,
  mapDescription: (counts: [label: string, n: number][]) => `Map of tracks. The most similar ones: ${genreCounts(counts)}`,
  mapUnreliable: 'The song is unlike all of them, so this means little.',
  similarTracks: (counts: [label: string, n: number][], total: number) =>
    `Of the ${wholeNumber.format(total)} most similar tracks: ${genreCounts(counts)}.`,

  unknownValue: (attribute: string, value: string, known: string[]) =>
    `<tone-arm>: ${attribute}="${value}" is not supported, so the default is used. Supported: ${alternatives.format(known)}.`,
  invalidTopK: (value: string, fallback: number) =>
    `<tone-arm>: top-k="${value}" is not a whole number of at least 1, so the default of ${wholeNumber.format(fallback)} is used.`,

  estimates: 'Estimated from the sound',
  estimatesNote: 'Rough guesses at Echo Nest audio features, from 0 to 1.',
  estimate: (value: number) => twoDecimals.format(value),
};

/** Turns a message of the core, which begins in lower case and has no full stop, into a sentence. */
export function sentence(message: string): string {
  const text = message.trim();
  const stop = /[.!?]$/.test(text) ? '' : '.';
  return text.charAt(0).toUpperCase() + text.slice(1) + stop;
}

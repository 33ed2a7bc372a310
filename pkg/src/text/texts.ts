import { catalogue } from './catalogue.js';
import { alternatives, count, decibels, decimal, frequency, list, megabytes, plural, wholePercent } from './numbers.js';
import type { Fallback, Stage } from '../types.js';

/** Text with emphasised parts. */
export type RichText = readonly (string | { strong: string })[];

/** The fields of a prediction that its announcement uses. */
interface Announced {
  label: string | null;
  between: [string, string] | null;
  mapPosition: { outOfDistribution: boolean; speech: boolean } | null;
  top: { probability: number }[];
}

interface GenreProbability {
  label: string;
  probability: number;
}

function genre(each: GenreProbability): string {
  return `${each.label} ${wholePercent(each.probability)}`;
}

/** A list such as “5 Rock, 3 Folk”. */
function genreCounts(counts: [label: string, n: number][]): string {
  return list(counts.map(([label, n]) => `${count(n)} ${label}`));
}

/** Failures of the GPU, as clauses. */
const gpuFailures: Record<Exclude<Fallback['code'], 'gpu-absent'>, (detail: string) => string> = {
  'gpu-lost': () => 'the connection to the GPU was lost',
  'gpu-silent': () => 'the GPU stopped responding',
  'gpu-crashed': () => 'the GPU program crashed',
  'gpu-needs-worker': () => 'it can only be used in a worker, which this page does not allow',
  'gpu-failed': (detail) => detail,
};

/** Texts of the element and the engine, so that they can be translated. Those of errors are in `error-texts.ts`. */
export const texts = /* @__PURE__ */ catalogue({
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
    plural(
      got,
      `a row has 1 number, but the network expects ${count(expected)}`,
      `a row has ${count(got)} numbers, but the network expects ${count(expected)}`,
    ),
  wrongRowAdvice: 'Pass one number for each column, in the order of the columns.',
  /** Why a song was analysed on the CPU. */
  fallback: ({ code, detail }: Fallback) =>
    code === 'gpu-absent' ? 'No GPU available; used the CPU.' : `The GPU failed (${gpuFailures[code](detail)}); used the CPU.`,
  weightsUnavailable: (url: string) =>
    `the weights file could not be fetched from ${url}: the address is wrong, or the server does not allow this site to read it`,
  invalidAssets: (url: string) => `“${url}” is not a valid URL of a folder`,
  invalidAssetsAdvice: 'Set assets to the URL of a folder that contains a copy of the package.',

  chooseSong: 'Choose a song, or drop it here',
  start: 'What genre is it?',
  song: 'Song',
  downloadNote: (bytes: number | undefined) =>
    bytes === undefined
      ? 'The first song downloads program and weights.'
      : `The first song downloads ${megabytes(bytes)} of program and weights.`,
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
    { strong: wholePercent(first) },
    ', ',
    { strong: wholePercent(second) },
    ...next.map((each) => `, then ${genre(each)}`),
  ],
  nextGenres: (genres: GenreProbability[]): RichText => [
    'then ',
    ...genres.flatMap((each, i) => [...(i > 0 ? [', '] : []), { strong: each.label }, ` ${wholePercent(each.probability)}`]),
  ],
  allGenres: 'All genres',
  speech: (first: string) => `It sounds like speech, not music. The best guess would be ${first}.`,
  outOfDistribution: (first: string) =>
    `It is unlike the music that the network was trained on. It may be noise, speech or another kind of music. The best guess would be ${first}.`,
  announcement: (title: string, { label, between, mapPosition, top }: Announced) => {
    if (label === null) return `${title}: no sound.`;
    if (mapPosition?.speech) return `${title}: not sure, it sounds like speech.`;
    if (mapPosition?.outOfDistribution) return `${title}: not sure, it is unlike the music that the network was trained on.`;
    if (between) return `${title}: not sure, between ${between[0]} and ${between[1]}.`;
    return `${title}: ${label}, ${wholePercent(top[0]?.probability ?? 0)}.`;
  },
  genre: (label: string, probability: number) => genre({ label, probability }),
  genres: (genres: GenreProbability[]) => list(genres.map(genre)),
  facts: (length: string, hertz: number) => `${length}, ${frequency(hertz)}`,

  waveform: 'Position in the song',
  timeline: 'Genre by moment',
  timelineHint: 'Hover over the timeline, or use the arrow keys, to see the genre at each moment.',
  silentMoment: 'no sound',
  momentAt: (time: string, genres: string) => `${time}: ${genres}`,
  timeRange: (start: string, end: string) => `${start}\u2013${end}`,
  spectrogram: {
    light: 'Spectrogram: low frequencies at the bottom; the louder, the darker',
    dark: 'Spectrogram: low frequencies at the bottom; the louder, the brighter',
  },
  position: (now: string, whole: string) => `${now} of ${whole}`,

  asTable: (name: string) => `${name} as a table`,
  moreRows: (first: number, last: number, all: number) =>
    `Show rows ${count(first)} to ${count(last)} of ${count(all)}`,
  tables: { timeline: 'Timeline', spectrogram: 'Spectrogram', neighbours: 'Most similar tracks', genres: 'Genres on the map' },
  from: 'From',
  to: 'To',
  ranks: ['First', 'Second', 'Third'],
  bands: { bass: 'Bass', middle: 'Middle', treble: 'Treble' },
  band: (name: string, from: number, to: number) => `${name}, ${frequency(from)} to ${frequency(to)}`,
  levelNote: 'Mean level. The loudest point of the spectrogram is 0\u00a0dB.',
  level: (level: number) => (level < -79.5 ? `${decibels(-80)} or less` : decibels(level)),
  mapTables: {
    neighboursHeadings: ['Rank', 'Track number', 'Genre'],
    genresHeadings: (near: number, similar: number) => [
      'Genre',
      'All tracks',
      `The ${count(near)} nearest on the map`,
      `The ${count(similar)} most similar`,
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
    `The ${count(tracks)} tracks that the network was trained on. Tracks that sound alike to it are close together (t-SNE).`,
  mapDescription: (counts: [label: string, n: number][]) => `Map of tracks. The most similar ones: ${genreCounts(counts)}`,
  mapHint: 'Hover over a point to see its genre.',
  mapTrack: (genre: string) => `Genre of this point: ${genre}`,
  mapUnreliable: 'The song is unlike all of them, so this means little.',
  similarTracks: (counts: [label: string, n: number][], total: number) =>
    `Of the ${count(total)} most similar tracks: ${genreCounts(counts)}.`,

  unknownValue: (attribute: string, value: string, known: string[]) =>
    `<tone-arm>: ${attribute}="${value}" is not supported, so the default is used. Supported: ${alternatives(known)}.`,
  invalidTopK: (value: string, fallback: number) =>
    `<tone-arm>: top-k="${value}" is not a whole number of at least 1, so the default of ${count(fallback)} is used.`,

  estimates: 'Estimated from the sound',
  estimatesNote: 'Rough guesses at Echo Nest audio features, from 0 to 1.',
  estimateNames: {
    acousticness: 'acousticness',
    danceability: 'danceability',
    energy: 'energy',
    instrumentalness: 'instrumentalness',
    liveness: 'liveness',
    speechiness: 'speechiness',
    valence: 'valence',
  } as Record<string, string>,
  estimate: (value: number) => decimal(value, 2),
});

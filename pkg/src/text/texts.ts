import type { ErrorCode, Stage } from '../types.js';

/** What went wrong and what to do about it, as the person reads them. */
interface Trouble {
  message: string;
  advice: string;
}

const another = 'Try an mp3, wav, flac, ogg or m4a file.';

/** Troubles whose sentences are known beforehand. The core's own errors come as `refused`. */
export const troubles = {
  empty: { message: 'This file is empty.', advice: 'Copy it again from where it came, or choose another.' },
  'not-audio': { message: 'There is no audio in this file that the browser can read.', advice: another },
  unreadable: { message: 'The file could not be read.', advice: 'Check its name, and whether it may be read.' },
  'not-wav': {
    message: 'This is not a wav file of whole numbers or floats.',
    advice: 'Convert it to one: other files are for browsers to decode.',
  },
  'no-simd': {
    message: 'This browser lacks fast WebAssembly (SIMD), which the network needs.',
    advice: 'Open the page in a current Chrome, Edge, Firefox or Safari.',
  },
  'no-wasm': {
    message: 'The policy of this page does not let WebAssembly run, which the network needs.',
    advice: 'The site has to allow it by ‘wasm-unsafe-eval’ in script-src.',
  },
  download: {
    message: 'A part of the program could not be downloaded.',
    advice: 'Check the connection and try again. If it stays so, the site lacks that file.',
  },
  'download-stalled': {
    message: 'The download stalled: no more data arrived.',
    advice: 'Check the connection and try again.',
  },
  'song-download': {
    message: 'The song could not be downloaded.',
    advice: 'Check its address and the connection.',
  },
  'song-stalled': {
    message: 'The download of the song stalled: no more data arrived.',
    advice: 'Check the connection and try again.',
  },
  'song-absent': { message: 'There is no song at this address.', advice: 'Check the address.' },
  'song-forbidden': {
    message: 'The site that has the song does not let this one read it.',
    advice: 'It has to allow that by the header Access-Control-Allow-Origin (CORS).',
  },
  weights: {
    message: 'The weights of the network could not be read.',
    advice: 'Try again. If it stays so, the site has to replace its weights.',
  },
  refused: { message: 'The track could not be analysed.', advice: 'Try another recording.' },
  worker: {
    message: 'The analysis stopped unexpectedly, twice.',
    advice: 'Close other tabs to free memory and try again.',
  },
  closed: { message: 'The engine was closed before it answered.', advice: 'Reload the page, or make a new engine.' },
} satisfies Record<ErrorCode, Trouble>;

/** What the spoken answer is made of. */
interface Spoken {
  label: string | null;
  between: [string, string] | null;
  place: { strange: boolean; speech: boolean } | null;
  top: { probability: number }[];
}

/** A probability in per cent; a small one is not called none. */
function percent(probability: number): string {
  const value = probability * 100;
  return value > 0 && value < 0.5 ? '<1\u00a0%' : `${Math.round(value)}\u00a0%`;
}

/** A pitch or a rate, in kHz from 1 on, without digits that say nothing. */
function frequency(hertz: number): string {
  return hertz < 1000 ? `${Math.round(hertz)}\u00a0Hz` : `${Number((hertz / 1000).toFixed(2))}\u00a0kHz`;
}

/** Every text of the element and the engine, in one place so that it can be translated. */
export const texts = {
  /** The language that they are in. */
  lang: 'en',

  /** A sentence with the file that it is about. */
  about: (message: string, file: string) => `${message.slice(0, -1)} (${file}).`,

  stages: {
    waiting: 'Waiting for the track before it',
    loading: 'Loading the network',
    decoding: 'Decoding the file',
    analysing: 'Listening',
  } satisfies Record<Stage, string>,
  fetching: 'Fetching the song',

  assumedRate: (hertz: number) =>
    `The sample rate could not be read from the file, so it was decoded at ${frequency(hertz)}.`,
  looped: 'The track is short, so it was repeated to fill a window.',
  wrongRow: (got: number, expected: number | undefined) =>
    expected === undefined ? 'this network listens to audio and reads no table' : `a row has ${got} numbers, and the network reads ${expected}`,
  gpuAbsent: 'There is no graphics card that the page may use, so the CPU answered.',
  gpuFailed: (reason: string) => `The graphics card failed, so the CPU answered. (${reason})`,
  trainGpuAbsent: 'There is no graphics card that the page may use, so it is trained on the CPU.',
  trainGpuFailed: (reason: string) => `The graphics card failed, so the CPU goes on. (${reason})`,
  weightsUnread: (address: string) => `the weights file could not be fetched from ${address}: the address is wrong, or its host lets no other site read it`,
  noAddress: (text: string) => `“${text}” is no address of a folder`,
  gpuLost: 'the device was lost',
  gpuSilent: 'it stopped answering',
  gpuBroke: 'its program broke off',
  gpuNeedsWorker: 'it is used in a worker alone, and the page permits none',

  idle: 'Choose a song, or drop it here',
  ask: 'What genre is it?',
  song: 'Song',
  willFetch: (bytes: number | undefined) =>
    `With the first song, ${bytes === undefined ? '' : `${(bytes / 1e6).toFixed(1)} MB of `}program and weights are fetched.`,
  stays: 'The song stays on this device.',
  cancel: 'Cancel',
  cancelled: 'Cancelled.',
  again: 'Try again',
  another: 'Another song',
  play: 'Play',
  notPlayed: 'The browser cannot play it, or the page does not let it (media-src blob:).',
  pause: 'Pause',

  noSound: 'No sound',
  noSoundLine: 'The whole track is silent, so there is no genre to name.',
  between: (first: string, second: string) => `Between ${first} and ${second}`,
  notSure: 'Not sure',
  then: 'then',
  allGenres: 'All genres',
  speech: (first: string) => `It sounds like speech rather than music. The first guess of a genre would be ${first}.`,
  strange: (first: string) =>
    `It is unlike the music that the network learned from: noise, perhaps, or speech, or music of another kind. Its first guess would be ${first}.`,
  spoken: (title: string, { label, between, place, top }: Spoken) => {
    if (label === null) return `${title}: no sound.`;
    if (place?.speech) return `${title}: not sure, it sounds like speech.`;
    if (place?.strange) return `${title}: not sure, it is unlike the music that the network learned from.`;
    const [first] = top;
    return `${title}: ${between ? `not sure, between ${between[0]} and ${between[1]}` : `${label}, ${percent(first?.probability ?? 0)}`}.`;
  },
  percent,
  genre: (label: string, probability: number) => `${label} ${percent(probability)}`,
  count: (n: number) => n.toLocaleString('en'),
  facts: (length: string, hertz: number) => `${length}, ${frequency(hertz)}`,
  milliseconds: (n: number) => `${n}\u00a0ms`,
  seconds: (n: string) => `${n}\u00a0s`,

  waveform: 'Position in the track',
  timeline: 'Genre by moment',
  timelineHint: 'Point at a moment, or move along it with the arrow keys, to read its genre.',
  silentMoment: 'no sound',
  spectrogram: 'Spectrogram: low notes at the bottom, loud ones bright',
  position: (now: string, whole: string) => `${now} of ${whole}`,

  asTable: (name: string) => `${name} as a table`,
  moreRows: (first: number, last: number, all: number) => `Show rows ${first} to ${last} of ${all.toLocaleString('en')}`,
  tables: { timeline: 'Timeline', spectrogram: 'Spectrogram', alike: 'Tracks most alike', genres: 'Genres on the map' },
  from: 'From',
  to: 'To',
  ranks: ['First', 'Second', 'Third'],
  bands: { bass: 'Bass', middle: 'Middle', treble: 'Treble' },
  band: (name: string, from: number, to: number) => `${name}, ${frequency(from)} to ${frequency(to)}`,
  loudness: 'Mean loudness. The loudest spot of the picture is 0\u00a0dB.',
  decibels: (level: number) => (level < -79.5 ? '−80\u00a0dB or less' : `${level > -0.5 ? '' : '−'}${Math.abs(Math.round(level))}\u00a0dB`),
  mapTables: {
    alikeHeadings: ['Order', 'Number in the data', 'Genre'],
    genresHeadings: (near: number, alike: number) => ['Genre', 'All tracks', `The ${near} drawn nearest`, `The ${alike} most alike`],
  },

  saveCsv: 'Save timeline as CSV',
  saveJson: 'Save answer as JSON',
  backend: { cpu: 'CPU', webgpu: 'GPU' },
  networks: {
    fusion: 'CNN, RNN and MLP together',
    cnn: 'CNN',
    rnn: 'RNN',
    mlp: 'MLP',
  } as Record<string, string>,
  madeBy: (network: string, backend: string, time: string) => `Analysed by the ${network} on the ${backend} in ${time}.`,

  map: 'Where it lands',
  mapIs: (tracks: number) =>
    `The ${tracks.toLocaleString('en')} tracks that the network learned from. Those that sound alike to it are drawn near each other (t-SNE).`,
  landsAmong: (counts: [string, number][]) => `Map: the track lands among ${counts.map(([label, n]) => `${n} ${label}`).join(', ')}`,
  strangePlace: 'It is unlike all of them, so this means little.',
  nearest: (counts: [string, number][], of: number) =>
    `Of the ${of} tracks that it sounds most like: ${counts.map(([label, n]) => `${n} ${label}`).join(', ')}.`,

  unknownValue: (attribute: string, value: string, known: string[]) =>
    `<tone-arm>: ${attribute}="${value}" is none of ${known.join(', ')}. The default counts.`,

  estimates: 'Estimated from the sound',
  estimatesAre: 'What the Echo Nest would perhaps have measured, from 0 to 1. Rough: an estimate of an estimate.',
};

/** Makes a sentence of a message that begins in lower case and ends without a stop, as the core's do. */
export function sentence(message: string): string {
  const text = message.trim();
  const stop = /[.!?]$/.test(text) ? '' : '.';
  return text.charAt(0).toUpperCase() + text.slice(1) + stop;
}

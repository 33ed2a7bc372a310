import { catalogue } from './catalogue.js';
import type { ErrorCode } from '../types.js';

interface ErrorText {
  /** What happened. `file` is the file concerned, or empty. */
  message: (file: string) => string;
  /** What to do next. */
  advice: string;
}

const checkConnection = 'Check the connection and try again.';

/** Texts of the errors that the package itself detects. `weights` and `refused` usually have a message from the core. */
export const errorTexts = /* @__PURE__ */ catalogue<Record<ErrorCode, ErrorText>>({
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
});

/** What to do after the core refused a project or its settings. */
export const projectAdvice = /* @__PURE__ */ catalogue('Check the files and the settings of the project.');

/** Turns a message of the core, which begins in lower case and has no full stop, into a sentence. */
export function sentence(message: string): string {
  const text = message.trim();
  const stop = /[.!?]$/.test(text) ? '' : '.';
  return text.charAt(0).toUpperCase() + text.slice(1) + stop;
}

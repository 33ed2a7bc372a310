import { ranked } from './moments.js';
import type { Prediction } from '../types.js';

/** The timeline as CSV: a row per moment, a column per genre; empty cells where there is no sound. */
export function timelineCsv({ moments, probabilities }: Prediction): string {
  const labels = Object.keys(probabilities ?? {});
  const rows = moments.map((moment) => {
    const top = moment.probabilities ? (ranked(moment.probabilities)[0]?.label ?? '') : '';
    const cells = labels.map((label) => moment.probabilities?.[label]?.toFixed(6) ?? '');
    return [moment.start_seconds.toFixed(3), moment.end_seconds.toFixed(3), quoted(top), ...cells];
  });
  const header = ['start_seconds', 'end_seconds', 'label', ...labels.map(quoted)];
  return [header, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The whole answer as JSON, with the fields that the companion binary writes; without the pictures. */
export function predictionJson(file: string, prediction: Prediction): string {
  const { spectrogram: _spectrogram, peaks: _peaks, top: _top, ...answer } = prediction;
  return `${JSON.stringify({ file, ...answer }, null, 2)}\n`;
}

/** Offers text or bytes to the person as a file. */
export function save(name: string, type: string, content: BlobPart) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the blob by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

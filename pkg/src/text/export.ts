import { ranked } from './moments.js';
import type { Prediction } from '../types.js';

/** The timeline as CSV, with a row per moment and a column per genre. Cells of silent moments are empty. */
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

/** The prediction as JSON, with the same fields as the command-line program, and without spectrogram and waveform. */
export function predictionJson(file: string, prediction: Prediction): string {
  const { spectrogram: _spectrogram, peaks: _peaks, top: _top, ...fields } = prediction;
  return `${JSON.stringify({ file, ...fields }, null, 2)}\n`;
}

/** Downloads text or bytes as a file. */
export function save(name: string, type: string, content: BlobPart) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The URL must stay valid until the browser has started the download.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

import { ranked } from './timeline.js';
import type { Prediction } from '../types.js';

/** The timeline as CSV, with a row per step and a column per genre. Cells of silent steps are empty. */
export function timelineCsv({ timeline, probabilities }: Prediction): string {
  const labels = Object.keys(probabilities ?? {});
  const rows = timeline.map((step) => {
    const top = step.probabilities ? (ranked(step.probabilities)[0]?.label ?? '') : '';
    const cells = labels.map((label) => step.probabilities?.[label]?.toFixed(6) ?? '');
    return [step.startSeconds.toFixed(3), step.endSeconds.toFixed(3), quoted(top), ...cells];
  });
  const header = ['startSeconds', 'endSeconds', 'label', ...labels.map(quoted)];
  return [header, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The prediction as JSON, with the names of the JavaScript API, without spectrogram and waveform. */
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

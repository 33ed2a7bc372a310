import { html, nothing } from 'lit';
import type { ImportQueue } from './import-queue.js';
import { texts } from '../../texts/texts.js';

/** The file that is being analysed, and the files that could not be added. */
export function importList(importQueue: ImportQueue | null, recording: boolean) {
  const files = importQueue?.files ?? [];
  const current = files.find(({ state }) => state === 'analysing');
  const failed = files.filter(({ state }) => state === 'failed');
  // While recording, the record panel counts the files; announcing each one here would be too much.
  return html`
    <div class="importing" role=${recording ? nothing : 'status'} data-next=".add-class">
      ${current
        ? html`<p>${texts.train.analysing(current.name, importQueue?.left ?? 0)}</p>
            <button type="button" @click=${() => importQueue?.cancel()}>${texts.train.cancel}</button>`
        : nothing}
    </div>
    ${failed.length > 0
      ? html`<div class="note" role="status" data-next=".add-class">
          <p>${texts.train.notAdded(failed.length)}</p>
          <button type="button" @click=${() => importQueue?.dismissFailed()}>${texts.train.dismiss}</button>
          <ul class="failed-files">${failed.map(({ name, error }) => html`<li><strong>${name}</strong>: ${error}</li>`)}</ul>
        </div>`
      : nothing}
  `;
}

import { html, nothing } from 'lit';
import type { ImportQueue } from './import-queue.js';
import { trainTexts } from '../texts.js';

/** What is being listened to, and what was refused. */
export function incomingFiles(imports: ImportQueue | null, recording: boolean) {
  const incoming = imports?.incoming ?? [];
  const hearing = incoming.find(({ state }) => state === 'analysing');
  const refused = incoming.filter(({ state }) => state === 'refused');
  // Of a recording each window would be told; its panel counts them.
  return html`
    <div class="incoming" role=${recording ? nothing : 'status'} data-next=".add-class">
      ${hearing
        ? html`<p>${trainTexts.hearing(imports?.left ?? 0, hearing.name)}</p>
            <button type="button" @click=${() => imports?.cancel()}>${trainTexts.cancel}</button>`
        : nothing}
    </div>
    ${refused.length > 0
      ? html`<div class="note" role="status" data-next=".add-class">
          <p>${trainTexts.refused(refused.length)}</p>
          <button type="button" @click=${() => imports?.dismiss()}>${trainTexts.dismiss}</button>
          <ul class="refused">${refused.map(({ name, reason }) => html`<li><strong>${name}</strong>: ${reason}</li>`)}</ul>
        </div>`
      : nothing}
  `;
}

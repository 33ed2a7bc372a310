import { css, html } from 'lit';
import { openByArrow } from '../../shared/focus.js';
import { texts } from '../../texts/texts.js';

/** An entry of a list of moves. */
export interface Move {
  name: string;
  apply(): void;
}

export const moveListStyles = css`
  .move { position: relative; display: grid; place-items: center; inline-size: 32px; block-size: 32px; flex: none; color: var(--_quiet); border-radius: var(--_radius); font-size: var(--_text-small); }
  .move:hover { color: var(--_ink); }
  .move:has(:focus-visible) { outline: 2px solid var(--_accent); }
  .move select { position: absolute; inset: 0; inline-size: 100%; min-block-size: 0; padding: 0; opacity: 0; cursor: pointer; }
`;

/** A select element with the possible moves, which looks like the icon buttons beside it. */
export function moveList(name: string, disabled: boolean, moves: Move[]) {
  const onChange = (event: Event) => {
    const select = event.target as HTMLSelectElement;
    const chosen = moves[select.selectedIndex - 1];
    select.selectedIndex = 0;
    chosen?.apply();
  };
  return html`<span class="move"
    ><span aria-hidden="true">⇄</span
    ><select aria-label=${name} ?disabled=${disabled} @keydown=${openByArrow} @change=${onChange}>
      <option>${texts.train.moves.open}</option>
      ${moves.map((move) => html`<option>${move.name}</option>`)}
    </select></span
  >`;
}

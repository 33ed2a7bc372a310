import { type CSSResult, css, unsafeCSS } from 'lit';

/**
 * Eight colours for genres, `[light, dark]`, assigned in label order.
 *
 * They were found by a search: under each of the common colour vision deficiencies, any two colours are at least
 * 0.08 apart in OKLab, and each has a contrast of at least 3 to the background of its theme. A test checks both.
 */
export const PALETTE = [
  ['#1162ab', '#297cae'],
  ['#9671cd', '#9a87ea'],
  ['#1b602d', '#c5eab1'],
  ['#532f15', '#fca567'],
  ['#ad8a2e', '#af8d45'],
  ['#309a9a', '#2fb5b1'],
  ['#753573', '#fac1f5'],
  ['#a95d61', '#a45a6d'],
] as const;

/** Backgrounds for which the palette was chosen, `[light, dark]`. */
export const BACKGROUNDS = ['#fbf9f5', '#1a1816'] as const;

/** Lets each text set its own direction, while the layout follows that of the page. */
export const autoDirection: CSSResult = css`
  * { unicode-bidi: plaintext; }
`;

/** CSS colour of a label, by its index. The colours repeat after eight. */
export function genreColour(index: number): string {
  return `var(--_genre-${index % PALETTE.length})`;
}

/** Declares the colours on the host, from which inner elements inherit them. */
export const paletteStyles: CSSResult = css`
  :host {
    ${unsafeCSS(PALETTE.map(([light, dark], i) => `--_genre-${i}: var(--tone-arm-genre-${i + 1}, light-dark(${light}, ${dark}));`).join('\n'))}
    --_radius: var(--tone-arm-radius, 8px);
    --_accent: var(--tone-arm-accent, light-dark(#b4411c, #ff9166));
    --_on-accent: var(--tone-arm-on-accent, light-dark(#fff, #1a1816));
    --_ink: var(--tone-arm-ink, light-dark(#221d19, #f1ece4));
    --_quiet: var(--tone-arm-quiet, light-dark(#6a6259, #a89f94));
    --_line: var(--tone-arm-line, light-dark(#e4ded3, #37322c));
    --_well: var(--tone-arm-well, light-dark(#f3efe8, #141210));
  }
`;

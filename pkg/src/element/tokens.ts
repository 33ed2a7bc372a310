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

/** CSS colour of a label, by its index. The colours repeat after eight. */
export function genreColour(index: number): string {
  return `var(--_genre-${index % PALETTE.length})`;
}

/**
 * Conditions of the three breakpoints, for `@media` and `@container`, which cannot read custom properties:
 * part of a small phone, one column, and one column beside a list.
 */
export const tiny: CSSResult = css`(width < 320px)`;
export const narrow: CSSResult = css`(width < 600px)`;
export const medium: CSSResult = css`(width < 800px)`;

/**
 * The design tokens of the element and of the site. `<tone-arm>` declares them on itself, so that they do not collide
 * with the properties of the page around it; the site adopts the same style sheet in its documents. Everything below
 * inherits them. Sites change the element's by the properties `--tonearm-*`.
 */
export const tokens: CSSResult = css`
  :root, :host {
    ${unsafeCSS(PALETTE.map(([light, dark], i) => `--_genre-${i}: var(--tonearm-genre-${i + 1}, light-dark(${light}, ${dark}));`).join('\n'))}
    --_accent: var(--tonearm-accent, light-dark(#b4411c, #ff9166));
    --_on-accent: var(--tonearm-on-accent, light-dark(#fff, #1a1816));
    --_danger: light-dark(#b4411c, #ff9166);
    --_paper: light-dark(${unsafeCSS(BACKGROUNDS.join(', '))});
    --_ink: var(--tonearm-ink, light-dark(#221d19, #f1ece4));
    --_quiet: var(--tonearm-quiet, light-dark(#6a6259, #a89f94));
    --_line: var(--tonearm-line, light-dark(#e4ded3, #37322c));
    --_well: var(--tonearm-well, light-dark(#f3efe8, #141210));
    --_vinyl: light-dark(#221d19, #050404);
    --_groove: light-dark(#4a423b, #453e37);
    /* Levels of the spectrogram, from silence to the loudest. Mixtures have the same notation for every colour. */
    --_level-0: color-mix(in srgb, var(--_well), var(--_well));
    --_level-1: color-mix(in srgb, var(--_accent) 35%, var(--_well));
    --_level-2: color-mix(in srgb, var(--_accent), var(--_accent));
    --_level-3: color-mix(in srgb, var(--_accent) 25%, light-dark(black, white));

    --_radius: var(--tonearm-radius, 8px);
    --_radius-small: min(4px, var(--_radius));
    --_radius-large: 12px;

    --_space-1: 4px;
    --_space-2: 8px;
    --_space-3: 12px;
    --_space-4: 16px;
    --_space-5: 20px;
    --_space-6: 24px;
    --_space-8: 32px;
    --_space-10: 40px;
    --_space-12: 48px;

    --_text-tiny: 12px;
    --_text-small: 14px;
    --_text: 16px;
    --_text-lead: 18px;
    --_text-heading: 20px;
    --_text-large: 24px;
    --_text-title: clamp(28px, 5vw, 40px);
    --_text-unsure: clamp(26px, 5cqi, 40px);
    --_text-answer: clamp(36px, 7cqi, 56px);

    --_control: 40px;
    --_control-small: 32px;
  }
`;

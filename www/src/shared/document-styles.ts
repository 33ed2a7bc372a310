import { tokens, visuallyHidden } from 'tonearm/styles';

/** Gives the document the design tokens and the class for content that only screen readers present; shadow roots inherit the tokens. */
document.adoptedStyleSheets.push(tokens.styleSheet!, visuallyHidden.styleSheet!);

/** Tests set this property to a function that replaces all texts. */
const TRANSLATE = Symbol.for('tonearm.translate');

/** Returns the texts of a catalogue: strings, and functions of their parameters. Tests replace them by a pseudo-locale. */
export function catalogue<Texts>(texts: Texts): Texts {
  const { [TRANSLATE]: translate } = globalThis as { [TRANSLATE]?: (texts: Texts) => Texts };
  return translate ? translate(texts) : texts;
}

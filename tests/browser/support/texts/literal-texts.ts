/** Attributes whose values browsers show or screen readers speak, and the description for search engines. */
const TEXT_ATTRIBUTES = /\s(?:aria-label|aria-description|aria-roledescription|alt|placeholder|title|name="description" content)="([^"]*)"/g;

/** A unit after a placeholder and a space. The space excludes CSS, which has none. */
const UNIT = /\}(?: |\u00a0|\\u00a0)(?:ms|s|min|Hz|kHz|dB|kB|MB|GB|%)(?!\w)/g;

/** Texts that are written directly in the `html` templates of a source instead of a catalogue. */
export function literalTexts(source: string): string[] {
  return templates(source).flatMap(textsOf);
}

/** Units that are written directly after a placeholder. */
export function looseUnits(source: string): string[] {
  return source.match(UNIT) ?? [];
}

/** Texts that people can read in HTML. */
export function textsOf(html: string): string[] {
  const attributes = [...html.matchAll(TEXT_ATTRIBUTES)].map(([, value]) => value ?? '');
  const text = html.replaceAll(/<style>[^]*?<\/style>|<!--[^]*?-->|<[^>]*>/g, '\n').split('\n');
  return [...attributes, ...text].map((each) => each.trim()).filter((each) => /\p{L}/u.test(each.replaceAll(/&\w+;/g, '')));
}

/** The `html` templates of a source, without their placeholders. Nested templates are separate items. */
function templates(source: string): string[] {
  const found: string[] = [];
  code(0, '');
  return found;

  /** Skips code up to the bracket `end`, and returns the index after it. */
  function code(start: number, end: string): number {
    let at = start;
    while (at < source.length && source[at] !== end) {
      const rest = source.slice(at, at + 2);
      if (rest === '//') at = after('\n', at);
      else if (rest === '/*') at = after('*/', at);
      else if (source[at] === "'" || source[at] === '"') at = quoted(at);
      else if (source[at] === '`') at = template(at + 1, source.slice(0, at).endsWith('html'));
      else if (source[at] === '{') at = code(at + 1, '}');
      else at++;
    }
    return at + 1;
  }

  function template(start: number, isHtml: boolean): number {
    let at = start;
    let text = '';
    while (at < source.length && source[at] !== '`') {
      if (source[at] === '\\') at += 2;
      else if (source.startsWith('${', at)) [at, text] = [code(at + 2, '}'), `${text}\n`];
      else text += source[at++];
    }
    if (isHtml) found.push(text);
    return at + 1;
  }

  function quoted(start: number): number {
    let at = start + 1;
    while (source[at] !== source[start] && source[at] !== '\n' && at < source.length) at += source[at] === '\\' ? 2 : 1;
    return at + 1;
  }

  function after(what: string, at: number): number {
    const found = source.indexOf(what, at);
    return found < 0 ? source.length : found + what.length;
  }
}

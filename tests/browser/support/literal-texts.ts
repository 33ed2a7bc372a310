/** Attributes whose values people read or hear, and the description that searching machines show. */
const READ = /\s(?:aria-label|aria-description|aria-roledescription|alt|placeholder|title|name="description" content)="([^"]*)"/g;

/** A number's end and a unit behind it, apart from CSS, where nothing stands between them. */
const UNIT = /\}(?: |\u00a0|\\u00a0)(?:ms|s|min|Hz|kHz|dB|kB|MB|GB|%)(?!\w)/g;

/** Texts for people that stand in a source's `html` templates themselves, and not in a catalogue. */
export function literalTexts(source: string): string[] {
  return templates(source).flatMap(textsOf);
}

/** Units that stand behind what is filled in. */
export function looseUnits(source: string): string[] {
  return source.match(UNIT) ?? [];
}

/** Texts for people in HTML. */
export function textsOf(html: string): string[] {
  // What is filled in comes from elsewhere, be it text, an attribute or a template that is looked at by itself.
  const attributes = [...html.matchAll(READ)].map(([, value]) => value ?? '');
  const text = html.replaceAll(/<style>[^]*?<\/style>|<!--[^]*?-->|<[^>]*>/g, '\n').split('\n');
  return [...attributes, ...text].map((each) => each.trim()).filter((each) => /\p{L}/u.test(each.replaceAll(/&\w+;/g, '')));
}

/** The `html` templates of a source, the inner ones apart, without what is filled in. */
function templates(source: string): string[] {
  const found: string[] = [];
  code(0, '');
  return found;

  /** Reads code from a place to the bracket that ends it; gives the place behind that. */
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

import { type Page, expect } from '@playwright/test';

/** Opening and closing bracket of every text of the pseudo-locale. */
const [OPEN, CLOSE] = ['⟦', '⟧'];

/** How much longer the texts of the pseudo-locale are. */
const LONGER = 0.4;

/** Attributes whose values browsers show or screen readers speak. */
const ATTRIBUTES = ['aria-label', 'aria-description', 'aria-roledescription', 'aria-valuetext', 'alt', 'placeholder', 'title'];

/**
 * Makes the pages that open from now on replace each text of the catalogues: in brackets, with an accent on every
 * letter, and 40 % longer.
 */
export async function usePseudoLocale(page: Page) {
  await page.addInitScript(
    ({ open, close, longer }) => {
      const accents = new Map([...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter, i) => [letter, [...'ȧƀƈḓḗƒɠħīĵķŀḿƞǿƥɋřşŧŭṽẇẋẏẑȦƁƇḒḖƑƓĦĪĴĶĿḾȠǾƤɊŘŞŦŬṼẆẊẎẐ'][i]]));
      const longerText = (text: string) => {
        if (!/[a-z]/i.test(text)) return text;
        const padding = '~~~~ '.repeat(text.length).slice(0, Math.ceil(text.length * longer));
        return `${open}${[...text].map((letter) => accents.get(letter) ?? letter).join('')} ${padding.trim()}${close}`;
      };
      // A parameter may be a text itself, which stays as it is.
      const pseudo = (text: string) => text.split(new RegExp(`(${open}[^${open}${close}]*${close})`)).map((part) => (part.startsWith(open) ? part : longerText(part))).join('');
      const translate = (value: unknown): unknown => {
        if (typeof value === 'string') return pseudo(value);
        if (typeof value === 'function') return (...parameters: unknown[]) => translate(value(...parameters));
        if (Array.isArray(value)) return value.map(translate);
        if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, translate(inner)]));
        return value;
      };
      Object.assign(globalThis, { [Symbol.for('tonearm.translate')]: translate });
    },
    { open: OPEN, close: CLOSE, longer: LONGER },
  );
}

/** Expects that all visible texts are in the pseudo-locale, except for `data`, numbers and units, and that nothing overflows sideways. */
export async function expectPseudoLocale(page: Page, view: string, data: string[] = []) {
  const texts = await visibleTexts(page);
  expect(texts.length, view).toBeGreaterThan(0);
  const known = data.filter((each) => each !== '').sort((a, b) => b.length - a.length);
  const withoutData = (text: string) => known.reduce((rest, each) => rest.replaceAll(each, ''), text).replaceAll(/\d\s(?:%|ms|s|min|Hz|kHz|dB|MB)(?!\p{L})/gu, '');
  expect.soft(texts.filter((text) => /[a-z]/i.test(withoutData(text))), `${view}: texts outside of the catalogues`).toEqual([]);
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    expect.soft(await overflowing(page), `${view}: elements beyond the edge at ${width} px`).toEqual([]);
  }
}

/** All visible texts of the page, with those in shadow roots, and the attributes that are shown or spoken. */
function visibleTexts(page: Page): Promise<string[]> {
  return page.evaluate((attributes) => {
    const found: string[] = [];
    const visit = (node: Node) => {
      if (node instanceof Text && node.data.trim() !== '') found.push(node.data.trim());
      if (node instanceof Element) {
        if (['SCRIPT', 'STYLE', 'NOSCRIPT', 'PRE'].includes(node.tagName)) return;
        if (!node.checkVisibility({ visibilityProperty: true }) && node.tagName !== 'OPTION') return;
        found.push(...attributes.map((name) => node.getAttribute(name) ?? '').filter((value) => value !== ''));
        node.shadowRoot?.childNodes.forEach(visit);
      }
      node.childNodes.forEach(visit);
    };
    visit(document.body);
    return [...new Set(found)];
  }, ATTRIBUTES);
}

/** Elements that reach beyond the right or left edge of the page, except within those that scroll. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const visit = (element: Element) => {
      if (!element.checkVisibility({ visibilityProperty: true })) return;
      const { left, right, width } = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      if (style.clipPath !== 'none' || style.clip !== 'auto') return;
      if (width > 0 && (left < -1 || right > document.documentElement.clientWidth + 1)) found.push(`${element.tagName.toLowerCase()}.${element.className}: ${element.textContent?.trim().slice(0, 60)}`);
      if (style.overflowX !== 'visible') return;
      for (const child of [...(element.shadowRoot?.children ?? []), ...element.children]) visit(child);
    };
    visit(document.body);
    return found;
  });
}

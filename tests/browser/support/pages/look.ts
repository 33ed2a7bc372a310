import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { SCREENSHOTS } from '../paths.js';
import { expect } from './tonearm.js';

/** Widths that the page is looked at in. */
export const SIZES = { wide: { width: 1280, height: 860 }, narrow: { width: 360, height: 740 } };

/** Takes a picture of the whole page, which must not scroll sideways and have nothing for axe to say, of WCAG 2.2 neither. */
export async function look(page: Page, name: string) {
  await page.mouse.move(0, 0);
  const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overhang, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
  await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage: true });
  const { violations } = await new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
}

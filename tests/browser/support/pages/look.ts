import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { SCREENSHOTS } from '../paths.js';
import { expect } from './tonearm.js';

/** Viewports that the page is checked in. */
export const SIZES = { wide: { width: 1280, height: 860 }, narrow: { width: 360, height: 740 } };

/** Takes a screenshot of the whole page, and checks that it does not overflow horizontally and that axe finds no violations. */
export async function look(page: Page, name: string) {
  await page.mouse.move(0, 0);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow, `${name} overflows horizontally`).toBeLessThanOrEqual(0);
  await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage: true });
  const { violations } = await new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
}

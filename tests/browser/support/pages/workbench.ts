import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Download, Locator } from '@playwright/test';
import type { TrainEpoch, TrainResult } from 'tonearm/project';
import { SCREENSHOTS } from '../paths.js';
import { type TonearmPage, expect } from './tonearm.js';

/** A stored run, with its weights as an array. */
export interface StoredRun {
  status: string;
  backend: string;
  fallback: { code: string; detail: string } | null;
  epochs: TrainEpoch[];
  result: TrainResult | null;
  weights: number[] | null;
}

/** Page object of the Train view. */
export class Workbench {
  constructor(readonly tonearm: TonearmPage) {}

  get page() {
    return this.tonearm.page;
  }

  get view(): Locator {
    return this.page.locator('train-view');
  }

  get cards(): Locator {
    return this.page.locator('class-card');
  }

  async open() {
    if (!this.page.url().startsWith('http')) await this.tonearm.open();
    await this.page.getByRole('link', { name: 'Train' }).click();
    await expect(this.view.getByRole('heading', { level: 1 })).toBeVisible();
  }

  async begin() {
    await this.page.getByRole('button', { name: 'Start with two classes' }).click();
    await expect(this.cards).toHaveCount(2);
  }

  /** Adds files to a class and waits until it has the expected number. */
  async addTo(index: number, files: string[], expected = files.length) {
    const card = this.cards.nth(index);
    await card.locator('input.files').setInputFiles(files);
    const count = expected === 0 ? 'No files yet' : expected === 1 ? '1 file' : `${expected} files`;
    await expect(card).toContainText(count, { timeout: 60_000 });
    await expect(this.view.getByText('Analysing')).toHaveCount(0, { timeout: 60_000 });
  }

  async name(index: number, name: string) {
    await this.cards.nth(index).getByLabel('Class name').fill(name);
    await this.cards.nth(index).getByLabel('Class name').press('Enter');
  }

  /** Changes settings, if any, and clicks Train. */
  async start(settings: Record<string, number> = {}) {
    const panel = this.page.locator('train-panel');
    if (Object.keys(settings).length > 0) await panel.getByText('Settings', { exact: true }).click();
    for (const [name, value] of Object.entries(settings)) {
      await panel.locator(`input[name="${name}"]`).fill(String(value));
      await panel.locator(`input[name="${name}"]`).press('Tab');
    }
    const before = (await this.runs()).length;
    await panel.getByRole('button', { name: 'Train', exact: true }).click();
    // The button stays enabled until the run is stored, so the store is polled.
    await expect.poll(async () => (await this.runs()).length, { timeout: 30_000 }).toBeGreaterThan(before);
  }

  /** Trains with the default settings to the end. */
  async train() {
    const before = (await this.runs()).length;
    await this.start();
    await expect.poll(async () => (await this.runs()).filter(({ status }) => status === 'done').length, { timeout: 120_000 }).toBe(before + 1);
    await this.finishes();
  }

  async finishes() {
    await expect(this.page.getByRole('button', { name: 'Train', exact: true })).toBeVisible({ timeout: 120_000 });
  }

  /** Number of the epoch that the view shows; 0 before the first. */
  async epoch(): Promise<number> {
    const text = await this.view.locator('.facts').first().innerText({ timeout: 1000 }).catch(() => '');
    return Number(/([\d,]+) of [\d,]+ epochs/.exec(text)?.[1]?.replace(',', '') ?? 0);
  }

  async reaches(epoch: number) {
    await expect.poll(() => this.epoch(), { intervals: [50], timeout: 120_000 }).toBeGreaterThanOrEqual(epoch);
  }

  download(button: string): Promise<Download> {
    const download = this.page.waitForEvent('download');
    void this.page.getByRole('button', { name: button }).click();
    return download;
  }

  async openZip(file: string) {
    await this.view.locator('input.zip').setInputFiles(file);
  }

  /** Clicks a button in the projects menu. */
  async projects(button: string) {
    const menu = this.view.locator('details.projects');
    if ((await menu.getAttribute('open')) === null) await menu.locator('summary').click();
    await menu.getByRole('button', { name: button, exact: true }).click();
  }

  /** Deletes all projects. */
  async clear() {
    this.page.once('dialog', (dialog) => void dialog.accept());
    await this.projects('Delete all projects');
    await expect(this.page.getByRole('button', { name: 'Start with two classes' })).toBeVisible();
  }

  /** All stored runs, latest first. */
  runs(): Promise<StoredRun[]> {
    return this.page.evaluate(async () => {
      const view = document.querySelector('tonearm-page')?.shadowRoot?.querySelector('train-view');
      const { controller } = view as unknown as { controller: { openProject: { project: { id: string } | null; store: { runsOf(id: string): Promise<unknown[]> } } } | null };
      const { project, store } = controller?.openProject ?? {};
      if (!project || !store) return [];
      const runs = (await store.runsOf(project.id)) as { weights: Uint8Array | null; checkpoint: unknown }[];
      return runs.map(({ weights, checkpoint: _, ...run }) => ({ ...run, weights: weights && [...weights] })) as unknown as StoredRun[];
    });
  }

  /** Takes a screenshot that people can look at. */
  async picture(name: string) {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage: true });
  }
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test as base, expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import type { Prediction } from 'tonearm';
import { type RunningServer, serveSite } from './server.js';

/** A prediction without the spectrogram and the waveform. */
export type Answer = Omit<Prediction, 'spectrogram' | 'peaks'>;

/** Page object of the page under test. */
export class TonearmPage {
  constructor(
    readonly page: Page,
    readonly server: RunningServer,
  ) {}

  /** Opens the page. `address` is appended to the site's URL. */
  async open(address = '') {
    await this.page.addInitScript(() => {
      const seen: unknown[] = [];
      Object.assign(globalThis, { seen });
      addEventListener('tonearm-prediction', (event) => {
        const { spectrogram: _s, peaks: _p, ...answer } = (event as CustomEvent).detail;
        seen.push(answer);
      });
    });
    await this.page.goto(this.server.url + address);
    await expect(this.page.getByRole('button', { name: 'Drop songs here' })).toBeVisible();
  }

  /** Chooses files with the file input. */
  async choose(...files: string[]) {
    await this.page.locator('drop-target input').setInputFiles(files);
  }

  /** Drops a file on the page. */
  async drop(file: string) {
    const bytes = [...readFileSync(file)];
    await this.page.evaluate(
      ({ bytes, name }) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], name));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      },
      { bytes, name: path.basename(file) },
    );
  }

  /** The open track. */
  get track(): Locator {
    return this.page.locator('tone-arm:not([hidden])');
  }

  /** Waits until the open track has a state. */
  async reaches(state: string) {
    await expect(this.track).toHaveAttribute('state', state, { timeout: 240_000 });
  }

  /** Waits until the analysis of the open track has made progress. */
  async isUnderWay() {
    await expect
      .poll(() => this.track.locator('progress').getAttribute('value').then(Number, () => 0), {
        intervals: [20],
        timeout: 240_000,
      })
      .toBeGreaterThan(0);
  }

  /**
   * Chooses a file and clicks Cancel during its analysis. The click is made in the page, since a fast machine
   * would be done before a click from outside arrives.
   */
  async cancelUnderWay(file: string) {
    await this.page.evaluate(() => {
      addEventListener('tonearm-progress', function press(event) {
        const { state, progress } = (event as CustomEvent<{ state: string; progress: number }>).detail;
        if (state !== 'analysing' || progress === 0) return;
        removeEventListener('tonearm-progress', press);
        const element = event.composedPath()[0] as HTMLElement;
        element.shadowRoot?.querySelector<HTMLButtonElement>('.progress button')?.click();
      });
    });
    await this.choose(file);
    // Long enough for a busy machine to load the network and decode the track.
    await expect(this.track.locator('.answer')).toContainText('Cancelled', { timeout: 120_000 });
  }

  /** Chooses a file and waits for its prediction. */
  classify(file: string): Promise<Answer> {
    return this.answerTo(() => this.choose(file));
  }

  /** Runs an action that leads to one prediction, and waits for it. */
  async answerTo(action: () => Promise<void>): Promise<Answer> {
    const before = (await this.answers()).length;
    await action();
    await expect.poll(async () => (await this.answers()).length, { timeout: 240_000 }).toBe(before + 1);
    return (await this.answers())[before]!;
  }

  /** All predictions so far, in order. */
  answers(): Promise<Answer[]> {
    return this.page.evaluate(() => (globalThis as unknown as { seen: Answer[] }).seen);
  }

  /** The error message and the advice that the open track shows. */
  async trouble(): Promise<string> {
    await this.reaches('failed');
    return (await this.track.locator('.answer').innerText()).replaceAll('\n', ' ');
  }
}

/** Playwright's `test` with the page under test and the errors in its console. */
export const test = base.extend<{ tonearm: TonearmPage; consoleErrors: string[] }>({
  consoleErrors: async ({ page }, use) => {
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    await use(errors);
  },
  tonearm: async ({ page }, use) => {
    const server = await serveSite();
    await use(new TonearmPage(page, server));
    await server.close();
  },
});

export { expect };

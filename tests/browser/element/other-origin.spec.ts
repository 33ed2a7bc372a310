import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { fixture, wav } from '../support/audio.js';
import { type Core, armPanics } from '../support/panics.js';
import { PACKAGE } from '../support/paths.js';
import { type RunningServer, serveFolder, servePackage, servePage, serveSite } from '../support/pages/server.js';
import { emptyFolder } from '../support/shell.js';
import { test as base, expect } from '../support/pages/tonearm.js';

const short = fixture('Tune.wav', wav({ seconds: 6 }));
const long = fixture('Long.wav', wav({ seconds: 75, sampleRate: 22_050, channels: 1 }));

const README = readFileSync(path.join(PACKAGE, 'README.md'), 'utf8');
const [POLICY] = /^script-src https:.*/m.exec(README)!;
const [OWN_POLICY] = /^default-src 'self';.*/m.exec(README)!;

/** Long enough for a busy machine. */
const patience = { timeout: 100_000 };

/** Pages that embed the element from another origin. */
class Embedding {
  readonly #servers: RunningServer[] = [];
  /** URLs of the workers, in the order in which they were started. */
  readonly workers: string[] = [];

  constructor(
    readonly page: Page,
    readonly host: RunningServer,
  ) {
    page.on('worker', (worker) => this.workers.push(worker.url()));
  }

  /** Origin that the element is loaded from. */
  get origin(): string {
    return new URL(this.host.url).origin;
  }

  /** The policy that the package's README recommends for embedding sites. */
  policy(workers = 'blob:'): string {
    return POLICY.replaceAll('https://example.org', this.origin).replace('blob:', workers);
  }

  /** Serves a page with one element and returns its URL. */
  async site(policy: string): Promise<string> {
    return this.serve(
      `<!doctype html><title>A site</title>
      <script type="module" src="${this.host.url}dist/tone-arm.js"></script>
      <tone-arm backend="cpu"></tone-arm>`,
      policy,
    );
  }

  async serve(html: string, policy: string): Promise<string> {
    const server = await servePage(html, policy);
    this.#servers.push(server);
    return server.url;
  }

  close() {
    return Promise.all([this.host, ...this.#servers].map((server) => server.close()));
  }
}

const test = base.extend<{ embedding: Embedding }>({
  embedding: async ({ page }, use) => {
    const embedding = new Embedding(page, await servePackage());
    await use(embedding);
    await embedding.close();
  },
});

test('a site with its own copy of the package works with the policy in the README', async ({ page, consoleErrors }) => {
  const folder = emptyFolder('site');
  for (const part of ['dist', 'wasm', 'weights']) symlinkSync(path.join(PACKAGE, part), path.join(folder, part));
  copyFileSync(short, path.join(folder, 'song.wav'));
  writeFileSync(path.join(folder, 'favicon.ico'), '');
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>A site</title><script type="module" src="dist/tone-arm.js"></script><tone-arm src="song.wav"></tone-arm>');
  const server = await serveFolder(folder, { 'content-security-policy': OWN_POLICY });
  await page.goto(server.url);
  const element = page.locator('tone-arm');
  await element.getByRole('button', { name: 'What genre is it?' }).click();
  await expect(element).toHaveAttribute('state', 'done', patience);
  await expect(element.getByRole('button', { name: 'Play' })).toBeEnabled();
  expect(page.workers().map((worker) => worker.url())).toEqual([`${server.url}dist/worker.js`]);
  expect(consoleErrors).toEqual([]);
  await server.close();
});

test('the element says so if the policy blocks playback', async ({ embedding, page }) => {
  await page.goto(await embedding.site(`default-src 'none'; ${embedding.policy()}`));
  const element = page.locator('tone-arm');
  await element.locator('input').setInputFiles(short);
  await expect(element).toHaveAttribute('state', 'done', patience);
  await expect(element.getByRole('button', { name: 'Play' })).toBeDisabled();
  await expect(element).toContainText('media-src blob:');
});

test('a site with a strict policy can load the element from another origin', async ({ embedding, page, consoleErrors }) => {
  await page.goto(await embedding.site(embedding.policy()));
  const element = page.locator('tone-arm');
  await element.locator('input').setInputFiles(short);
  await expect(element).toHaveAttribute('state', 'done', patience);
  expect(embedding.workers).toEqual([expect.stringMatching(/^blob:/)]);
  expect(consoleErrors).toEqual([]);

  await element.evaluate((node) => node.remove());
  await expect.poll(() => page.workers().length).toBe(0);
});

test('a policy that blocks WebAssembly is reported before the module is downloaded', async ({ embedding, page }) => {
  const requested: string[] = [];
  page.on('request', (request) => request.method() === 'GET' && requested.push(request.url()));
  await page.goto(await embedding.site(embedding.policy().replace(" 'wasm-unsafe-eval'", '')));
  const element = page.locator('tone-arm');
  await element.locator('input').setInputFiles(short);
  await expect(element).toHaveAttribute('state', 'failed', patience);
  await expect(element).toContainText('‘wasm-unsafe-eval’ in script-src');
  expect(requested.filter((url) => url.endsWith('.wasm'))).toEqual([]);
});

test('the element works in a sandboxed iframe, which has no origin and no storage', async ({ embedding, page, consoleErrors }) => {
  const site = await embedding.site(embedding.policy());
  await page.goto(await embedding.serve(`<!doctype html><iframe sandbox="allow-scripts" src="${site}"></iframe>`, 'default-src *'));
  const element = page.frameLocator('iframe').locator('tone-arm');
  await element.locator('input').setInputFiles(short);
  await expect(element).toHaveAttribute('state', 'done', patience);
  expect(await element.evaluate(() => origin)).toBe('null');
  expect(embedding.workers).toEqual([expect.stringMatching(/^blob:/)]);
  expect(consoleErrors).toEqual([]);
});

test('embed.html works in a sandboxed iframe', async ({ embedding, page }) => {
  const site = await serveSite();
  const frame = `<!doctype html><iframe sandbox="allow-scripts" src="${site.url}embed.html?network=cnn"></iframe>`;
  await page.goto(await embedding.serve(frame, `frame-src ${site.url}`));
  const element = page.frameLocator('iframe').locator('tone-arm');
  await element.locator('input').setInputFiles(short);
  await expect(element).toHaveAttribute('state', 'done', patience);
  expect(embedding.workers).toEqual([expect.stringMatching(/^blob:/)]);
  await site.close();
});

test('without workers the element computes on the main thread and paints in between', async ({ embedding, page }) => {
  await page.goto(await embedding.site(embedding.policy("'none'")));
  const element = page.locator('tone-arm');
  const painted = element.evaluate(
    (node) =>
      new Promise<number[]>((resolve) => {
        const values: number[] = [];
        const record = () => {
          values.push(node.shadowRoot?.querySelector('progress')?.value ?? 0);
          if (node.getAttribute('state') === 'done') resolve([...new Set(values)]);
          else requestAnimationFrame(record);
        };
        record();
      }),
  );
  await element.locator('input').setInputFiles(long);
  await expect(element).toHaveAttribute('state', 'done', patience);
  expect((await painted).filter((value) => value > 0 && value < 1)).not.toEqual([]);
  expect(embedding.workers).toEqual([]);
});

test('without workers the element can be removed during the analysis and used again', async ({ embedding, page }) => {
  await page.goto(await embedding.site(embedding.policy("'none'")));
  const element = page.locator('tone-arm');
  // Done in the page, since its main thread is too busy for calls from outside.
  await element.evaluate((node) => {
    node.addEventListener('tonearm-progress', function remove(event) {
      if ((event as CustomEvent<{ progress: number }>).detail.progress === 0) return;
      node.removeEventListener('tonearm-progress', remove);
      node.remove();
      setTimeout(() => {
        document.body.append(node);
        document.title = 'Put back';
      });
    });
  });
  await element.locator('input').setInputFiles(long);
  await expect(page).toHaveTitle('Put back', patience);
  await expect(element).toHaveAttribute('state', 'idle');
  await element.evaluate((node, data) => {
    const song = new Blob([new Uint8Array(data)]);
    void (node as HTMLElement & { classify(song: Blob): unknown }).classify(song);
  }, [...readFileSync(short)]);
  await expect(element).toHaveAttribute('state', 'done', patience);
});

for (const within of ['future', 'call'] as const) {
  test(`without workers the element recovers from a panic in a ${within} and reports a second one`, async ({ embedding, page, consoleErrors }) => {
    await page.addInitScript(armPanics);
    await page.goto(await embedding.site(embedding.policy("'none'")));
    // Adds a second engine that shares the instance.
    await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<tone-arm backend="cpu" network="rnn"></tone-arm>'));
    const panic = (panics: number) => page.evaluate((settings) => void Object.assign((globalThis as unknown as { core: Core }).core, settings), { panics, within });
    const elements = await page.locator('tone-arm').all();

    await panic(1);
    for (const element of elements) await element.locator('input').setInputFiles(short);
    for (const element of elements) await expect(element).toHaveAttribute('state', 'done', patience);
    expect(await page.evaluate(() => (globalThis as unknown as { core: Core }).core)).toEqual({ panics: 0, within, instances: 2 });

    const [element] = elements;
    await element!.evaluate((node) => node.shadowRoot?.querySelector<HTMLButtonElement>('footer .buttons button')?.click());
    await panic(2);
    await element!.locator('input').setInputFiles(short);
    await expect(element!).toHaveAttribute('state', 'failed', patience);
    await expect(element!).toContainText('stopped unexpectedly');
    await element!.getByRole('button', { name: 'Try again' }).click();
    await expect(element!).toHaveAttribute('state', 'done', patience);
    expect(consoleErrors.filter((error) => error.includes('unreachable'))).toEqual([]);
  });
}

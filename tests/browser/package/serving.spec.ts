import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fixture, wav } from '../support/audio.js';
import { look } from '../support/pages/look.js';
import { ROOT, SITE } from '../support/paths.js';
import { pagePolicy, serveFolder, serveSite } from '../support/pages/server.js';
import { TonearmPage, expect, test } from '../support/pages/tonearm.js';
import { emptyFolder } from '../support/shell.js';

const song = fixture('Tune.wav', wav({ seconds: 6 }));

test('the site works under any path', async ({ page }) => {
  const server = await serveSite('/music/tone arm/');
  const tonearm = new TonearmPage(page, server);
  await tonearm.open();
  expect((await tonearm.classify(song)).label).not.toBeNull();
  await server.close();
});

test('cargo xtask serve sends the policy of the page as a header, and the site works with it', async ({ page }) => {
  const xtask = process.env.TONEARM_XTASK;
  test.skip(!xtask, 'TONEARM_XTASK is not set; cargo xtask test sets it');
  const child = spawn(xtask!, ['serve', '--no-build', '--port', '0'], { cwd: ROOT });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let output = '';
      child.stdout.on('data', (data: Buffer) => {
        output += data.toString();
        const address = /http:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0];
        if (address) resolve(address);
      });
      child.once('exit', () => reject(new Error(`the server exited: ${output}`)));
    });
    const response = await fetch(url);
    expect(response.headers.get('content-security-policy')).toBe(pagePolicy());
    const nothing = await fetch(`${url}nothing/at/all`);
    expect([nothing.status, nothing.headers.get('content-security-policy')]).toEqual([404, pagePolicy('404.html')]);
    const tonearm = new TonearmPage(page, { url, requests: [], offered: new Map(), close: async () => undefined });
    await tonearm.open();
    expect((await tonearm.classify(song)).label).not.toBeNull();
  } finally {
    child.kill();
  }
});

test('unknown addresses at any depth show a page that links back', async ({ page, consoleErrors }) => {
  const server = await serveSite();
  for (const [address, link] of [['nothing', 'Tonearm'], ['nothing/at/all', 'Home page of this site']] as const) {
    const response = await page.goto(server.url + address);
    expect(response!.status()).toBe(404);
    await expect(page.locator('body')).toHaveCSS('font-family', 'system-ui, sans-serif');
    await look(page, `404-${link}`);
    await page.getByRole('link', { name: link }).click();
    await expect(page.getByRole('button', { name: 'Drop songs here' })).toBeVisible();
  }
  // The browser logs each 404 itself.
  expect(consoleErrors.filter((error) => !error.includes('404 (Not Found)'))).toEqual([]);
  await server.close();
});

test('every script of the pages has a content hash in its name', () => {
  const needed = new Set<string>();
  const follow = (file: string) => {
    if (needed.has(file)) return;
    needed.add(file);
    const text = readFileSync(path.join(SITE, file), 'utf8');
    for (const [, name] of text.matchAll(/["'`]((?:\.\.?\/)[^"'`]*\.js)["'`]/g)) follow(path.join(path.dirname(file), name!));
  };
  for (const page of ['index.html', 'embed.html']) follow(page);
  const scripts = [...needed].filter((file) => file.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(5);
  expect(scripts.filter((file) => !/^assets\/.+-[\w-]{8}\.js$/.test(file))).toEqual([]);
});

test('while modules are being built, Train says so and Listen works', async ({ page }) => {
  const folder = emptyFolder('pending');
  const env = { ...process.env, VITE_PENDING_MODULES: 'train,webgpu', TONEARM_OUT: folder };
  execFileSync('npx', ['vite', 'build', '--logLevel', 'error'], { cwd: path.join(ROOT, 'www'), env });
  const server = await serveFolder(folder);
  const tonearm = new TonearmPage(page, server);
  await tonearm.open();
  await page.getByRole('link', { name: 'Train' }).click();
  await expect(page.locator('train-view')).toContainText('Training is still being built');
  await page.getByRole('link', { name: 'Listen' }).click();
  expect((await tonearm.classify(fixture('A tune.wav', wav({ seconds: 3 })))).backend).toBe('cpu');
  await server.close();
});

import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { fixture, wav } from '../support/audio.js';
import { PACKAGE, ROOT } from '../support/paths.js';
import { serveFolder } from '../support/pages/server.js';
import { expect, test } from '../support/pages/tonearm.js';

const song = fixture('Tune.wav', wav({ seconds: 6 }));
const examples = path.join(ROOT, 'examples');
const work = mkdtempSync(path.join(tmpdir(), 'tonearm-examples-'));

function npm(folder: string, ...words: string[]): string {
  return execFileSync('npm', words, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
}

/** The package as it is published lies where the examples look for it: as deep as in the repository. */
test.beforeAll(() => {
  for (const folder of ['dist', 'examples']) mkdirSync(path.join(work, folder));
  npm(PACKAGE, 'pack', '--silent', '--ignore-scripts', '--pack-destination', path.join(work, 'dist'));
});

/** Copies an example to a folder of its own and installs what it needs. */
function install(example: string): string {
  const folder = mkdtempSync(path.join(work, 'examples', `${example}-`));
  cpSync(path.join(examples, example), folder, { recursive: true });
  npm(folder, 'install', '--no-package-lock', '--no-audit', '--no-fund');
  return folder;
}

/** Gives the page a song and waits until the page itself says what the answer is. */
async function answers(page: Page, url: string) {
  await page.goto(url);
  await page.locator('tone-arm input').setInputFiles(song);
  await expect(page.locator('output')).not.toBeEmpty({ timeout: 100_000 });
}

for (const { name: example } of readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  test(`the ${example} example, built, names a genre`, async ({ page, consoleErrors }) => {
    const folder = install(example);
    npm(folder, 'run', 'build');
    const server = await serveFolder(path.join(folder, 'dist'));
    const started = page.waitForEvent('worker');
    await answers(page, server.url);
    expect((await started).url()).toContain(server.url);
    expect(consoleErrors).toEqual([]);
    await server.close();
  });
}

test('the package as it is published names a genre in Node', () => {
  const program = `import { Engine } from 'tonearm/node';
    const engine = new Engine();
    console.log((await engine.classify(process.argv[1])).label);
    engine.close();`;
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', program, song], { cwd: install('html'), encoding: 'utf8' });
  expect(said).toMatch(/^[A-Z]/);
});

test('the types of the package as it is published pass strict TypeScript, in Node without the browser’s', () => {
  const folder = install('html');
  npm(folder, 'install', 'typescript@7.0.2', '@types/node@20.19.43', '--no-package-lock', '--no-audit', '--no-fund');
  const check = (program: string, lib: string, types = '') => {
    writeFileSync(path.join(folder, 'program.ts'), program);
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--moduleResolution', 'nodenext', '--lib', lib, '--types', types];
    execFileSync('node_modules/.bin/tsc', [...options, 'program.ts'], { cwd: folder, encoding: 'utf8' });
  };
  check(
    `import { Engine, type Prediction } from 'tonearm/node';
    export const answer: Promise<Prediction> = new Engine().classify('song.wav');`,
    'es2022',
    'node',
  );
  check(
    `import { type Prediction, TonearmError } from 'tonearm/element';
    document.addEventListener('tonearm-prediction', ({ detail }: { detail: Prediction }) => console.log(detail.label));
    window.addEventListener('tonearm-error', ({ detail }) => console.log(detail instanceof TonearmError));
    document.querySelector('tone-arm')!.network = 'cnn';`,
    'es2022,dom',
  );
});

/** What the package's README has in the settings of earlier Vite. */
const [SETTINGS] = /optimizeDeps: \{.*\}/.exec(readFileSync(path.join(PACKAGE, 'README.md'), 'utf8'))!;

for (const [version, settings] of [['8.3.8', ''], ['7.3.8', SETTINGS]] as const) {
  test(`the development server of Vite ${version} serves what names a genre`, async ({ page }) => {
    const folder = install('vite');
    npm(folder, 'install', `vite@${version}`, '--no-package-lock', '--no-audit', '--no-fund');
    writeFileSync(path.join(folder, 'vite.config.js'), `export default { ${settings} };`);
    await develops(page, folder);
  });
}

/** Has Vite's development server serve a folder, and the page of it name a genre. */
async function develops(page: Page, folder: string) {
  const vite = spawn('node_modules/.bin/vite', ['--host', '127.0.0.1'], { cwd: folder, env: { ...process.env, NO_COLOR: '1' } });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      vite.stdout.on('data', (data: Buffer) => {
        said += data.toString();
        const address = /http:\/\/127\.0\.0\.1:\d+\//.exec(said)?.[0];
        if (address) resolve(address);
      });
      vite.once('exit', () => reject(new Error(`it ended: ${said}`)));
    });
    await answers(page, url);
  } finally {
    vite.kill();
  }
}

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

/** Packs the package as for publishing, into the folder where the examples expect it. */
test.beforeAll(() => {
  for (const folder of ['dist', 'examples']) mkdirSync(path.join(work, folder));
  npm(PACKAGE, 'pack', '--silent', '--ignore-scripts', '--pack-destination', path.join(work, 'dist'));
});

/** Copies an example to a temporary folder and installs its dependencies. */
function install(example: string): string {
  const folder = mkdtempSync(path.join(work, 'examples', `${example}-`));
  cpSync(path.join(examples, example), folder, { recursive: true });
  npm(folder, 'install', '--no-package-lock', '--no-audit', '--no-fund');
  return folder;
}

/** Chooses a song on the page and waits until the page shows the result. */
async function checkClassifies(page: Page, url: string) {
  await page.goto(url);
  await page.locator('tone-arm input').setInputFiles(song);
  await expect(page.locator('output')).not.toBeEmpty({ timeout: 100_000 });
}

for (const { name: example } of readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  test(`the built ${example} example classifies a song`, async ({ page, consoleErrors }) => {
    const folder = install(example);
    npm(folder, 'run', 'build');
    const server = await serveFolder(path.join(folder, 'dist'));
    const started = page.waitForEvent('worker');
    await checkClassifies(page, server.url);
    expect((await started).url()).toContain(server.url);
    expect(consoleErrors).toEqual([]);
    await server.close();
  });
}

test('the packed package classifies a song in Node', () => {
  const program = `import { Engine } from 'tonearm/node';
    const engine = new Engine();
    console.log((await engine.classify(process.argv[1])).label);
    engine.close();`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program, song], { cwd: install('html'), encoding: 'utf8' });
  expect(output).toMatch(/^[A-Z]/);
});

test('the types of the packed package pass strict TypeScript, and in Node without the DOM types', () => {
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

/** The Vite configuration that the package's README has for versions before 8. */
const [SETTINGS] = /optimizeDeps: \{.*\}/.exec(readFileSync(path.join(PACKAGE, 'README.md'), 'utf8'))!;

for (const [version, settings] of [['8.3.8', ''], ['7.3.8', SETTINGS]] as const) {
  test(`the example works on the development server of Vite ${version}`, async ({ page }) => {
    const folder = install('vite');
    npm(folder, 'install', `vite@${version}`, '--no-package-lock', '--no-audit', '--no-fund');
    writeFileSync(path.join(folder, 'vite.config.js'), `export default { ${settings} };`);
    await checkDevServer(page, folder);
  });
}

/** Serves a folder with Vite's development server and classifies a song on its page. */
async function checkDevServer(page: Page, folder: string) {
  const vite = spawn('node_modules/.bin/vite', ['--host', '127.0.0.1'], { cwd: folder, env: { ...process.env, NO_COLOR: '1' } });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let output = '';
      vite.stdout.on('data', (data: Buffer) => {
        output += data.toString();
        const address = /http:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0];
        if (address) resolve(address);
      });
      vite.once('exit', () => reject(new Error(`Vite exited: ${output}`)));
    });
    await checkClassifies(page, url);
  } finally {
    vite.kill();
  }
}

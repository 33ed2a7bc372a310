import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { wav } from '../support/audio.js';
import { bundled } from '../support/pages/bundle.js';
import { HostPage, expect, test } from '../support/pages/host-page.js';
import { PACKAGE, ROOT, SITE } from '../support/paths.js';
import { DOCUMENTS, samplesOf, showSample, song, testSamples } from '../support/samples.js';
import { serveFolder } from '../support/pages/server.js';
import { checkOptions, emptyFolder, shell } from '../support/shell.js';

/** Number of files in `songs`, which the scripts can use: files of two classes in turn. */
const SONGS = 10;
const songsInPage = `const songs = await Promise.all(
  Array.from({ length: ${SONGS} }, async (_, i) => [new File([await fetch(i + '.wav').then((song) => song.blob())], i + '.wav'), i % 2]),
);`;

/** Runs a script that imports the package in a page, with a song as `file`, and returns what it assigns to `globalThis.result`. */
async function runInPage(page: Page, script: string): Promise<unknown> {
  const site = await bundled(page, `const file = await fetch('song.wav').then((song) => song.blob());\n${songsInPage}\n${script}`);
  site.offer('song.wav', song);
  for (let i = 0; i < SONGS; i++) site.offer(`${i}.wav`, wav({ seconds: 4 + i / 4, channels: 1, noise: i % 2 === 1 }));
  await page.goto(site.server.url);
  const result = await page.waitForFunction(() => (globalThis as { result?: unknown }).result, undefined, { timeout: 100_000 });
  await site.server.close();
  return result.jsonValue();
}

/** Creates a folder with a song and the zip of a project. */
async function folderWithProject(page: Page): Promise<string> {
  const zip = await runInPage(
    page,
    `import { TrainingClient } from 'tonearm';
    const client = new TrainingClient();
    const project = { name: 'Mine', classes: ['Tune', 'Noise'], files: [], table: null };
    for (const [file, classIndex] of songs) {
      const { features, seconds, artist } = await client.features(file);
      project.files.push({ name: file.name, class: classIndex, artist, seconds, features });
    }
    globalThis.result = [...(await client.pack(project, await client.settings('transfer', 'quick'), null))];`,
  );
  const folder = folderWithSong();
  writeFileSync(path.join(folder, 'my-classes.zip'), Uint8Array.from(zip as number[]));
  return folder;
}

/** Creates a folder with a song. */
function folderWithSong(): string {
  const folder = emptyFolder('here');
  copyFileSync(song, path.join(folder, 'song.mp3'));
  return folder;
}

/** Creates a folder with a song, and with music in one folder for each of two genres. */
function folderWithMusic(): string {
  const folder = folderWithSong();
  for (const [genre, noise] of [['calm', false], ['loud', true]] as const) {
    mkdirSync(path.join(folder, 'MUSIC', genre), { recursive: true });
    for (let i = 0; i < 6; i++) {
      writeFileSync(path.join(folder, 'MUSIC', genre, `${i}.wav`), wav({ seconds: 30, sampleRate: 22_050, channels: 1 + (i % 2), noise }));
    }
  }
  writeFileSync(path.join(folder, 'rows.csv'), 'acousticness,danceability,energy,instrumentalness,liveness,speechiness,tempo,valence\n0.9,0.4,0.2,0.8,0.1,0.04,90,0.2\n');
  for (const file of ['pkg/weights/mlp-eleven.bpk', 'runs/speech/speech-mel.npz']) cpSync(path.join(ROOT, file), path.join(folder, file));
  return folder;
}

/** The code of a sample in a document. */
function sampleOf(document: (typeof DOCUMENTS)[number], name: string): string {
  return samplesOf(document).get(name)!.code;
}

/** Starts the analysis of the element that shows a song, and waits for its result. */
async function analyse(host: HostPage) {
  const arm = host.page.locator('tone-arm[src], tone-arm[assets]').first();
  await arm.getByRole('button', { name: 'What genre is it?' }).click();
  await host.reaches('done', arm);
}

test('the samples of every document are tested', () => {
  const documents = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  // `cargo test` runs the samples of the crates.
  const sampled = documents.filter((document) => !/^(crates|src)\//.test(document) && samplesOf(document).size > 0);
  expect(sampled).toEqual(DOCUMENTS);
});

testSamples('README.md', {
  'Try it': (_, code) => void checkOptions(code),
  'Try it 2': (_, code) => {
    const folder = emptyFolder('archive');
    execFileSync('python3', ['-m', 'zipfile', '-c', 'tonearm-site.zip', `${SITE}/.`], { cwd: folder });
    // The second command would serve until it is stopped, so it is only compared.
    const [unpack = '', serve = ''] = code.trim().split('\n');
    shell(folder, unpack);
    expect(existsSync(path.join(folder, 'site/index.html'))).toBe(true);
    expect(serve).toMatch(/^python3 -m http\.server .*--directory site/);
  },
  'Try it 3': (_, code) => expect(shell(folderWithSong(), code)).toMatch(/song\.mp3.* \d+/s),
  'Embed it': async (host, code) => {
    await showSample(host, code);
    await analyse(host);
  },
  'Embed it 2': async ({ page }, code) => {
    const stages: string[] = [];
    page.on('console', (message) => message.type() === 'info' && stages.push(message.text()));
    const result = await runInPage(page, `${code}\nglobalThis.result = [label, timeline.length];`);
    expect(result).toEqual([expect.any(String), expect.any(Number)]);
    expect(stages).toEqual(['loading', 'decoding', 'analysing']);
  },
  'Train your own classes': async ({ page }, code) => {
    expect(shell(await folderWithProject(page), code)).toMatch(/Tune.*Noise/s);
  },
});

testSamples('docs/train.md', {
  'In the page': async ({ page }, code) => {
    expect(shell(await folderWithProject(page), code)).toMatch(/Tune.*Noise/s);
  },
  'In the page 2': async ({ page }, code) => {
    const result = await runInPage(page, `${code}\nglobalThis.result = [weights.length, report.metrics.n];`);
    expect(result).toEqual([expect.any(Number), expect.any(Number)]);
  },
  Natively: (_, code) => expect(shell(folderWithMusic(), code)).toMatch(/(calm|loud).*rows\.csv, row 1: \w+ \d/s),
  'Natively 2': (_, code) => {
    const folder = folderWithMusic();
    shell(folder, sampleOf('docs/train.md', 'Natively'));
    shell(folder, code);
    expect(readFileSync(path.join(folder, 'report/report.html'), 'utf8')).toContain('loud');
  },
});

testSamples('pkg/README.md', {
  'The element': async ({ page }, code) => {
    const host = await bundled(page, code, sampleOf('pkg/README.md', 'The element 4'));
    // Training adds a third module; this page must not contain it.
    const built = readdirSync(test.info().outputPath('bundled/dist/assets'));
    expect(built.filter((name) => name.endsWith('.wasm'))).toHaveLength(2);
    host.offer('song.mp3', song);
    await page.goto(host.server.url);
    await analyse(host);
    await host.server.close();
  },
  'The element 2': (_, code) => {
    expect(() => readFileSync(path.join(unpacked(code), 'tonearm/dist/tone-arm.js'))).not.toThrow();
  },
  'The element 3': async ({ page }, code) => {
    const host = new HostPage(page, await serveFolder(unpacked(sampleOf('pkg/README.md', 'The element 2'))));
    await showSample(host, code + sampleOf('pkg/README.md', 'The element 4'));
    await analyse(host);
    await host.server.close();
  },
  'The element 4': async (host, code) => {
    host.offer('song.mp3', song);
    await host.open(code);
    await expect(host.arm.getByText('Choose a song')).toBeVisible();
    await analyse(host);
  },
  'The element 5': async (host, code) => {
    const lines: string[] = [];
    host.page.on('console', (message) => lines.push(message.text()));
    host.offer('song.mp3', song);
    await host.open('<tone-arm src="song.mp3" network="cnn"></tone-arm>');
    await host.page.addScriptTag({ type: 'module', content: code });
    await analyse(host);
    expect(lines.at(-1)).toMatch(/^\w+ \[/);
  },
  'The engine': async ({ page }, code) => {
    const result = await runInPage(page, `${code}\nglobalThis.result = [label, top.length, timeline.length];`);
    expect(result).toEqual([expect.any(String), 3, expect.any(Number)]);
  },
  'The engine 2': (_, code) => {
    const folder = emptyFolder('here');
    copyFileSync(song, path.join(folder, 'song.wav'));
    writeFileSync(path.join(folder, 'sample.mjs'), `${code}\nconsole.log(label);`);
    expect(execFileSync(process.execPath, ['sample.mjs'], { cwd: folder, encoding: 'utf8', timeout: 60_000 })).toMatch(/^\w/);
  },
  Bundlers: (_, code) => {
    expect(() => readFileSync(path.join(copied(code), 'public/tonearm/dist/worker.js'))).not.toThrow();
  },
  'Bundlers 2': async ({ page }, code) => {
    const site = path.join(copied(sampleOf('pkg/README.md', 'Bundlers')), 'public');
    // The bundle contains the element but none of the files that it loads at run time.
    for (const file of ['tone-arm.js', 'music-metadata']) cpSync(path.join(PACKAGE, 'dist', file), path.join(site, 'built', file), { recursive: true });
    const host = new HostPage(page, await serveFolder(site));
    await host.show(`<!doctype html><script type="module" src="/built/tone-arm.js"></script>${code}`);
    await host.page.locator('tone-arm input').setInputFiles(song);
    await host.reaches('done');
    await host.server.close();
  },
});

/** Packs the package into a folder and lets the sample unpack it there. */
function unpacked(code: string): string {
  const folder = emptyFolder('here');
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: PACKAGE });
  shell(folder, code);
  return folder;
}

/** Installs the package in a folder and lets the sample copy its files there. */
function copied(code: string): string {
  const folder = emptyFolder('here');
  for (const part of ['dist', 'wasm', 'weights']) {
    cpSync(path.join(PACKAGE, part), path.join(folder, 'node_modules/tonearm', part), { recursive: true });
  }
  mkdirSync(path.join(folder, 'public'));
  shell(folder, code);
  return folder;
}

testSamples('docs/deploy.md', { 'Put it on a server': (_, code) => void checkOptions(code) });

testSamples('docs/performance.md', { Performance: (_, code) => void checkOptions(code) });

testSamples('docs/data.md', { 'Bring your own': (_, code) => void checkOptions(code) });

testSamples('CONTRIBUTING.md', {
  'Train the shipped weights': (_, code) => void checkOptions(code),
  'Train the shipped weights 2': (_, code) => void checkOptions(code),
});

import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { wav } from '../support/audio.js';
import { bundled } from '../support/pages/bundle.js';
import { HostPage, expect, test } from '../support/pages/host-page.js';
import { PACKAGE, ROOT, SITE } from '../support/paths.js';
import { DOCUMENTS, samplesIn, showSample, song, testSamples } from '../support/samples.js';
import { serveFolder } from '../support/pages/server.js';
import { ask, emptyFolder, shell } from '../support/shell.js';

/** Files of two classes by turns, in the page. */
const SONGS = 10;
const songsInPage = `const songs = await Promise.all(
  Array.from({ length: ${SONGS} }, async (_, i) => [new File([await fetch(i + '.wav').then((song) => song.blob())], i + '.wav'), i % 2]),
);`;

/** Opens a page of a script of the package, with one song as `file`, and waits for what the script says at its end. */
async function says(page: Page, script: string): Promise<unknown> {
  const site = await bundled(page, `const file = await fetch('song.wav').then((song) => song.blob());\n${songsInPage}\n${script}`);
  site.offer('song.wav', song);
  for (let i = 0; i < SONGS; i++) site.offer(`${i}.wav`, wav({ seconds: 4 + i / 4, channels: 1, noise: i % 2 === 1 }));
  await page.goto(site.server.url);
  const said = await page.waitForFunction(() => (globalThis as { said?: unknown }).said, undefined, { timeout: 100_000 });
  await site.server.close();
  return said.jsonValue();
}

/** A folder with a song in it, and as much of a project as the page packs. */
async function withProject(page: Page): Promise<string> {
  const zip = await says(
    page,
    `import { TrainingClient } from 'tonearm';
    const client = new TrainingClient();
    const project = { name: 'Mine', classes: ['Tune', 'Noise'], files: [], table: null };
    for (const [file, place] of songs) {
      const { features, seconds, artist } = await client.features(file);
      project.files.push({ name: file.name, class: place, artist, seconds, features });
    }
    globalThis.said = [...(await client.pack(project, await client.settings('transfer', 'quick'), null))];`,
  );
  const folder = withSong();
  writeFileSync(path.join(folder, 'my-classes.zip'), Uint8Array.from(zip as number[]));
  return folder;
}

/** A folder with a song in it. */
function withSong(): string {
  const folder = emptyFolder('here');
  copyFileSync(song, path.join(folder, 'song.mp3'));
  return folder;
}

/** A folder with music in a folder for each of two genres. */
function withMusic(): string {
  const folder = withSong();
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

/** A sample of the same document. */
function sampleOf(document: (typeof DOCUMENTS)[number], name: string): string {
  return samplesIn(readFileSync(path.join(ROOT, document), 'utf8')).get(name)!;
}

/** Presses the button of the element that shows a song, and waits for its answer. */
async function asks(host: HostPage) {
  const arm = host.page.locator('tone-arm[src], tone-arm[assets]').first();
  await arm.getByRole('button', { name: 'What genre is it?' }).click();
  await host.reaches('done', arm);
}

test('every document with samples is known', () => {
  const documents = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  const sampled = documents.filter((document) => samplesIn(readFileSync(path.join(ROOT, document), 'utf8')).size > 0);
  expect(sampled).toEqual(DOCUMENTS);
});

testSamples('README.md', {
  'Try it': (_, code) => void ask(code),
  'Try it 2': (_, code) => {
    const folder = emptyFolder('archive');
    execFileSync('python3', ['-m', 'zipfile', '-c', 'tonearm-site.zip', `${SITE}/.`], { cwd: folder });
    // Served until the test ends it.
    const [unpack = '', serve = ''] = code.trim().split('\n');
    shell(folder, unpack);
    expect(existsSync(path.join(folder, 'site/index.html'))).toBe(true);
    expect(serve).toMatch(/^python3 -m http\.server .*--directory site/);
  },
  'Try it 3': (_, code) => expect(shell(withSong(), code)).toMatch(/song\.mp3.* \d+/s),
  'Embed it': async (host, code) => {
    await showSample(host, code);
    await asks(host);
  },
  'Embed it 2': async ({ page }, code) => {
    const stages: string[] = [];
    page.on('console', (message) => message.type() === 'info' && stages.push(message.text()));
    const said = await says(page, `${code}\nglobalThis.said = [label, moments.length];`);
    expect(said).toEqual([expect.any(String), expect.any(Number)]);
    expect(stages).toEqual(['loading', 'decoding', 'analysing']);
  },
  'Train your own classes': async ({ page }, code) => {
    expect(shell(await withProject(page), code)).toMatch(/Tune.*Noise/s);
  },
});

testSamples('docs/train.md', {
  'In the page': async ({ page }, code) => {
    expect(shell(await withProject(page), code)).toMatch(/Tune.*Noise/s);
  },
  'In the page 2': async ({ page }, code) => {
    const said = await says(page, `${code}\nglobalThis.said = [weights.length, report.metrics.n];`);
    expect(said).toEqual([expect.any(Number), expect.any(Number)]);
  },
  Natively: (_, code) => expect(shell(withMusic(), code)).toMatch(/(calm|loud).*rows\.csv, row 1: \w+ \d/s),
  'Natively 2': (_, code) => {
    const folder = withMusic();
    shell(folder, sampleOf('docs/train.md', 'Natively').replace(' --out mine.bpk', ' --out mine.bpk --record runs'));
    shell(folder, code);
    expect(readFileSync(path.join(folder, 'report/report.html'), 'utf8')).toContain('loud');
  },
});

testSamples('pkg/README.md', {
  'The element': async ({ page }, code) => {
    const host = await bundled(page, code, sampleOf('pkg/README.md', 'The element 4'));
    // Of the modules those two that answer.
    const built = readdirSync(test.info().outputPath('bundled/dist/assets'));
    expect(built.filter((name) => name.endsWith('.wasm'))).toHaveLength(2);
    host.offer('song.mp3', song);
    await page.goto(host.server.url);
    await asks(host);
    await host.server.close();
  },
  'The element 2': (_, code) => {
    expect(() => readFileSync(path.join(unpacked(code), 'tonearm/dist/tone-arm.js'))).not.toThrow();
  },
  'The element 3': async ({ page }, code) => {
    const host = new HostPage(page, await serveFolder(unpacked(sampleOf('pkg/README.md', 'The element 2'))));
    await showSample(host, code + sampleOf('pkg/README.md', 'The element 4'));
    await asks(host);
    await host.server.close();
  },
  'The element 4': async (host, code) => {
    host.offer('song.mp3', song);
    await host.open(code);
    await expect(host.arm.getByText('Choose a song')).toBeVisible();
    await asks(host);
  },
  'The element 5': async (host, code) => {
    const said: string[] = [];
    host.page.on('console', (message) => said.push(message.text()));
    host.offer('song.mp3', song);
    await host.open('<tone-arm src="song.mp3" network="cnn"></tone-arm>');
    await host.page.addScriptTag({ type: 'module', content: code });
    await asks(host);
    expect(said.at(-1)).toMatch(/^\w+ \[/);
  },
  'The engine': async ({ page }, code) => {
    const said = await says(page, `${code}\nglobalThis.said = [label, top.length, moments.length];`);
    expect(said).toEqual([expect.any(String), 3, expect.any(Number)]);
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
    // What is built has the element and nothing of what that fetches.
    for (const file of ['tone-arm.js', 'music-metadata']) cpSync(path.join(PACKAGE, 'dist', file), path.join(site, 'built', file), { recursive: true });
    const host = new HostPage(page, await serveFolder(site));
    await host.show(`<!doctype html><script type="module" src="/built/tone-arm.js"></script>${code}`);
    await host.page.locator('tone-arm input').setInputFiles(song);
    await host.reaches('done');
    await host.server.close();
  },
});

/** A folder where the package as it is published lies, and was unpacked by the sample. */
function unpacked(code: string): string {
  const folder = emptyFolder('here');
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: PACKAGE });
  shell(folder, code);
  return folder;
}

/** A folder where the package is installed, and was copied by the sample. */
function copied(code: string): string {
  const folder = emptyFolder('here');
  for (const part of ['dist', 'wasm', 'weights']) {
    cpSync(path.join(PACKAGE, part), path.join(folder, 'node_modules/tonearm', part), { recursive: true });
  }
  mkdirSync(path.join(folder, 'public'));
  shell(folder, code);
  return folder;
}

testSamples('docs/deploy.md', { 'Put it on a server': (_, code) => void ask(code) });

testSamples('docs/performance.md', { Performance: (_, code) => void ask(code) });

testSamples('docs/data.md', { 'Bring your own': (_, code) => void ask(code) });

testSamples('CONTRIBUTING.md', {
  'Train the shipped weights': (_, code) => void ask(code),
  'Train the shipped weights 2': (_, code) => void ask(code),
});

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '../support/pages/host-page.js';
import { ROOT } from '../support/paths.js';
import { onServer, showSample, song, testSamples } from '../support/samples.js';

const guide = readFileSync(path.join(ROOT, 'docs/embed.md'), 'utf8');
const manifest = path.join(ROOT, 'pkg/custom-elements.json');

interface Named {
  name: string;
  kind?: string;
}

testSamples('docs/embed.md', {
  'As a tag': async (host, code) => {
    await showSample(host, code);
    await host.arm.getByRole('button', { name: 'What genre is it?' }).click();
    await host.reaches('done');
  },
  'From a script': async (host, code) => {
    const lines: string[] = [];
    host.page.on('console', (message) => lines.push(message.text()));
    await host.open('<tone-arm network="cnn"></tone-arm>');
    await host.page.addScriptTag({ type: 'module', content: onServer(host, code) });
    await expect.poll(() => lines.at(-1), { timeout: 60_000 }).toMatch(/^\[\w+.* 0\.\d+/);
    expect(lines).toContain('loading 0');
    await expect(host.arm.getByRole('heading', { name: 'My song' })).toBeVisible();
  },
  'Change the texts': async (host, code) => {
    await showSample(host, code);
    for (const words of ['Blue in the evening', 'Guess its genre', 'Recorded at home.']) await expect(host.page.getByText(words)).toBeVisible();
    await host.page.getByText('Guess its genre').click();
    await host.reaches('done');
    await expect(host.page.getByText('Blue in the evening')).toBeVisible();
  },
  Looks: async (host, code) => {
    host.offer('song.mp3', song);
    await host.open('<tone-arm src="song.mp3" network="cnn" autorun></tone-arm>');
    await host.reaches('done');
    await host.page.addStyleTag({ content: code });
    await expect(host.arm.locator('.label')).toHaveCSS('font-family', 'Georgia, serif');
    await expect(host.arm.locator('tone-arm-map')).toBeHidden();
    await expect(host.arm.getByRole('button', { name: 'Play' })).toHaveCSS('background-color', 'rgb(102, 51, 153)');
    await expect(host.arm.getByRole('button', { name: 'Save prediction as JSON' })).toHaveCSS('border-radius', '2px');
  },
  'In a frame': async (host, code) => {
    await showSample(host, code);
    const arm = host.page.frameLocator('iframe').locator('tone-arm');
    await arm.getByRole('button', { name: 'What genre is it?' }).click();
    await host.reaches('done', arm);
    await expect(arm.getByRole('button', { name: 'Play' })).toHaveCount(0);
  },
  'In a frame 2': async (host, code) => {
    await host.show(`<!doctype html><iframe id="ours"></iframe><iframe id="other"></iframe><script type="module">${code}</script>`);
    const post = (frame: string, height: number) =>
      host.page.evaluate(([frame, height]) => {
        const { contentDocument } = document.querySelector<HTMLIFrameElement>(frame)!;
        const script = contentDocument!.createElement('script');
        script.textContent = `parent.postMessage({ type: 'tonearm-resize', height: ${height} }, '*')`;
        contentDocument!.body.append(script);
      }, [frame, height] as const);
    // The messages arrive in this order.
    await post('#other', 700);
    await post('#ours', 650);
    await expect(host.page.locator('#ours')).toHaveCSS('height', '650px');
    await expect(host.page.locator('#other')).toHaveCSS('height', '150px');
  },
});

test('the manifest is up to date, and the guide mentions everything in it', () => {
  const committed = readFileSync(manifest, 'utf8');
  execFileSync('npm', ['run', 'manifest', '--workspace', 'pkg'], { cwd: ROOT, stdio: 'pipe' });
  const generated = readFileSync(manifest, 'utf8');
  // Restored, since a test must not change the files that it checks.
  writeFileSync(manifest, committed);
  expect(JSON.parse(generated), 'run `npm run manifest --workspace pkg`').toEqual(JSON.parse(committed));

  const [{ attributes, members, events, slots, cssParts, cssProperties }] = JSON.parse(committed).modules[0].declarations as [Record<string, Named[]>];
  const named = [...attributes!, ...members!.filter(({ kind }) => kind === 'method'), ...events!, ...slots!, ...cssParts!, ...cssProperties!];
  expect(named.length).toBeGreaterThan(50);
  const missing = named.filter(({ name }) => name !== '' && !new RegExp(`\`${name}[\`(]`).test(guide));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fixture, wav } from './audio.js';
import { type HostPage, expect, test } from './pages/host-page.js';
import { ROOT } from './paths.js';

/** The documents that have samples of code; each of them is given to {@link testSamples}. */
export const DOCUMENTS = [
  'CONTRIBUTING.md',
  'README.md',
  'docs/data.md',
  'docs/deploy.md',
  'docs/embed.md',
  'docs/performance.md',
  'docs/train.md',
  'pkg/README.md',
] as const;

/** What samples call song.mp3; it is told by its content. */
export const song = fixture('song.wav', wav({ seconds: 6 }));

/** What each sample has to do, by the heading that it stands under; after the first one, with its number. */
export type Does = Record<string, (host: HostPage, code: string) => Promise<void> | void>;

/** The samples of a Markdown text by their names, in order: what stands in a fence that names a language. */
export function samplesIn(text: string): Map<string, string> {
  const samples = new Map<string, string>();
  let heading = '';
  let fence: { indent: string; name: string | undefined; lines: string[] } | undefined;
  for (const line of text.split('\n')) {
    const [, indent, language] = /^(\s*)```(\w*)/.exec(line) ?? [];
    if (fence && indent === undefined) {
      fence.lines.push(line.slice(fence.indent.length));
    } else if (fence) {
      if (fence.name) samples.set(fence.name, `${fence.lines.join('\n')}\n`);
      fence = undefined;
    } else if (indent !== undefined) {
      fence = { indent, name: language && nextName(heading, samples), lines: [] };
    } else {
      heading = /^##? (.+)/.exec(line)?.[1] ?? heading;
    }
  }
  return samples;
}

function nextName(heading: string, samples: Map<string, string>): string {
  let name = heading;
  for (let n = 2; samples.has(name); n++) name = `${heading} ${n}`;
  return name;
}

/** Opens a page of a sample, with the server at hand in place of the one in it. */
export async function showSample(host: HostPage, code: string) {
  host.offer('song.mp3', song);
  await host.show(code.replaceAll('https://example.org/tonearm/', host.server.url));
}

/** Defines a test for each sample of a document, and one that none is left out. */
export function testSamples(document: (typeof DOCUMENTS)[number], does: Does) {
  const samples = samplesIn(readFileSync(path.join(ROOT, document), 'utf8'));

  test(`every sample of ${document} has a test`, () => {
    expect([...samples.keys()]).toEqual(Object.keys(does));
  });

  for (const [name, run] of Object.entries(does)) {
    test(`the sample of ${document} under “${name}” does what it says`, async ({ host }) => {
      await run(host, samples.get(name)!);
      // Of each page that was built, there is a copy of every module.
      rmSync(test.info().outputPath(), { recursive: true });
    });
  }
}

import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fixture, wav } from './audio.js';
import { type HostPage, expect, test } from './pages/host-page.js';
import { ROOT } from './paths.js';

/** The documents with code samples. Each is passed to {@link testSamples}. */
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

/** The file that samples call song.mp3. The format is detected from its content. */
export const song = fixture('song.wav', wav({ seconds: 6 }));

/** Test of each sample, by the heading above it. From the second sample under a heading on, its number follows. */
export type SampleTests = Record<string, (host: HostPage, code: string) => Promise<void> | void>;

/** The samples of a Markdown text by name, in order: all fenced code blocks with a language. */
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

/** Opens the page of a sample, with the address of the test server in place of the documented one. */
export async function showSample(host: HostPage, code: string) {
  host.offer('song.mp3', song);
  await host.show(code.replaceAll('https://example.org/tonearm/', host.server.url));
}

/** Defines a test for each sample of a document, and one that checks that no sample is missing. */
export function testSamples(document: (typeof DOCUMENTS)[number], tests: SampleTests) {
  const samples = samplesIn(readFileSync(path.join(ROOT, document), 'utf8'));

  test(`every sample of ${document} has a test`, () => {
    expect([...samples.keys()]).toEqual(Object.keys(tests));
  });

  for (const [name, run] of Object.entries(tests)) {
    test(`the sample “${name}” of ${document} works`, async ({ host }) => {
      await run(host, samples.get(name)!);
      // Each built page contains a copy of every module.
      rmSync(test.info().outputPath(), { recursive: true });
    });
  }
}

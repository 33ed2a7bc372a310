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

/** A fenced code block and its language. */
export interface Sample {
  language: string;
  code: string;
}

/** The samples of a Markdown text by name, in order: all fenced code blocks with a language. */
export function samplesIn(text: string): Map<string, Sample> {
  const samples = new Map<string, Sample>();
  let heading = '';
  let fence: { indent: string; language: string; lines: string[] } | undefined;
  for (const line of text.split('\n')) {
    const [, indent, language] = /^(\s*)```(\w*)/.exec(line) ?? [];
    if (fence && indent === undefined) {
      fence.lines.push(line.slice(fence.indent.length));
    } else if (fence) {
      if (fence.language) samples.set(nextName(heading, samples), { language: fence.language, code: `${fence.lines.join('\n')}\n` });
      fence = undefined;
    } else if (indent !== undefined) {
      fence = { indent, language: language ?? '', lines: [] };
    } else {
      heading = /^##? (.+)/.exec(line)?.[1] ?? heading;
    }
  }
  return samples;
}

function nextName(heading: string, samples: Map<string, Sample>): string {
  let name = heading;
  for (let n = 2; samples.has(name); n++) name = `${heading} ${n}`;
  return name;
}

/** Replaces the addresses of a sample by that of the test server, and offers the song there. */
export function onServer(host: HostPage, code: string): string {
  host.offer('song.mp3', song);
  return code.replaceAll(/https:\/\/example\.org\/(tonearm|music)\//g, host.server.url);
}

/** Opens the page of a sample. */
export async function showSample(host: HostPage, code: string) {
  await host.show(onServer(host, code));
}

/** The samples of a document in the repository. */
export function samplesOf(document: string): Map<string, Sample> {
  return samplesIn(readFileSync(path.join(ROOT, document), 'utf8'));
}

/** Defines a test for each sample of a document, and one that checks that no sample is missing. */
export function testSamples(document: (typeof DOCUMENTS)[number], tests: SampleTests) {
  const samples = samplesOf(document);

  test(`every sample of ${document} has a test`, () => {
    expect([...samples.keys()]).toEqual(Object.keys(tests));
  });

  for (const [name, run] of Object.entries(tests)) {
    test(`the sample “${name}” of ${document} works`, async ({ host }) => {
      await run(host, samples.get(name)!.code);
      // Each built page contains a copy of every module.
      rmSync(test.info().outputPath(), { recursive: true });
    });
  }
}

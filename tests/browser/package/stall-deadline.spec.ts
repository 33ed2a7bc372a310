import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test as base } from '@playwright/test';
import { downloadSize } from '../../../pkg/src/runtime/download-size.js';
import { Engine } from '../../../pkg/src/engine.js';
import { knownError } from '../../../pkg/src/runtime/errors.js';
import { Stalled, fetchWithDeadline, importWithDeadline, startWithDeadline, unlessAborted } from '../../../pkg/src/runtime/stall-deadline.js';
import type { Read } from '../../../pkg/src/types.js';
import { CountedSignal } from '../support/counted-signal.js';

/** A short deadline, and the milliseconds between two chunks of a connection that is slow but not stalled. */
const DEADLINE = { stallSeconds: 1 };
const BETWEEN_CHUNKS = 200;
const CHUNKS = 12;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const text = (response: Response) => response.text();
const never = () => new Promise<never>(() => {});

interface Site {
  url: string;
  /** Handles the next requests. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** Number of requests whose connection the client closed before the response ended. */
  closed: number;
}

const test = base.extend<{ site: Site }>({
  site: async ({}, use) => {
    const site: Site = { url: '', answer: (_, response) => response.end('all'), closed: 0 };
    const server = createServer((request, response) => {
      response.on('close', () => response.writableEnded || site.closed++);
      site.answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    site.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await use(site);
    server.closeAllConnections();
    server.close();
  },
});

test('a slow download succeeds although it takes longer than the stall deadline', async ({ site }) => {
  site.answer = async (_, response) => {
    for (let n = 0; n < CHUNKS; n++) {
      response.write('.');
      await pause(BETWEEN_CHUNKS);
    }
    response.end();
  };
  const start = performance.now();
  expect(await fetchWithDeadline(site.url, text, DEADLINE)).toBe('.'.repeat(CHUNKS));
  expect(performance.now() - start).toBeGreaterThan(2 * DEADLINE.stallSeconds * 1000);
});

const STALLS: [string, Site['answer']][] = [
  ['before the first byte', () => {}],
  ['after some bytes', (_, response) => response.write('some')],
];

for (const [when, answer] of STALLS) {
  test(`a download that stalls ${when} fails, and the next attempt sends a new request`, async ({ site }) => {
    const whole = site.answer;
    site.answer = answer;
    await expect(fetchWithDeadline(site.url, text, DEADLINE)).rejects.toThrow(Stalled);
    await expect.poll(() => site.closed).toBe(1);
    site.answer = whole;
    expect(await fetchWithDeadline(site.url, text, DEADLINE)).toBe('all');
  });
}

test('aborting rejects the download with the reason of the signal', async ({ site }) => {
  site.answer = (_, response) => response.write('some');
  const reason = new Error('cancelled');
  const caller = new CountedSignal();
  const download = fetchWithDeadline(site.url, text, { ...DEADLINE, signal: caller.signal });
  setTimeout(() => caller.abort(reason), 100);
  await expect(download).rejects.toBe(reason);
  await expect.poll(() => site.closed).toBe(1);
  expect(caller.listeners).toBe(0);
});

test('a settled download leaves no abort listener and no open connection', async ({ site }) => {
  const caller = new CountedSignal();
  const options = { ...DEADLINE, signal: caller.signal };
  expect(await fetchWithDeadline(site.url, text, options)).toBe('all');
  // The callback does not read the body.
  site.answer = (_, response) => response.writeHead(500).write('some');
  expect(await fetchWithDeadline(site.url, ({ status }) => status, options)).toBe(500);
  await expect.poll(() => site.closed).toBe(1);
  site.answer = () => {};
  await expect(fetchWithDeadline(site.url, text, options)).rejects.toThrow(Stalled);
  expect(caller.added).toBe(3);
  expect(caller.listeners).toBe(0);
});

test('a worker whose script stalls fails to start', async ({ site }) => {
  site.answer = () => {};
  await expect(startWithDeadline(site.url, never(), DEADLINE.stallSeconds)).rejects.toThrow(Stalled);
});

test('a worker whose script is slow starts', async ({ site }) => {
  site.answer = async (_, response) => {
    for (let n = 0; n < CHUNKS; n++) {
      response.write(';');
      await pause(BETWEEN_CHUNKS);
    }
    response.end();
  };
  const started = pause(DEADLINE.stallSeconds * 1000 + (CHUNKS + 1) * BETWEEN_CHUNKS).then(() => 'started');
  expect(await startWithDeadline(site.url, started, DEADLINE.stallSeconds)).toBe('started');
});

test('a worker fails to start if it stays silent after its script was loaded', async ({ site }) => {
  await expect(startWithDeadline(site.url, never(), DEADLINE.stallSeconds)).rejects.toThrow(Stalled);
});

test('aborting one wait for shared work affects neither the work nor the other waits', async () => {
  let finish = (_: string) => {};
  const work = new Promise<string>((resolve) => (finish = resolve));
  const [one, other] = [new CountedSignal(), new CountedSignal()];
  const waits = [unlessAborted(work, one.signal), unlessAborted(work, other.signal), importWithDeadline(work, other.signal)] as const;
  one.abort(new Error('cancelled'));
  await expect(waits[0]).rejects.toThrow('cancelled');
  finish('done');
  expect(await Promise.all(waits.slice(1))).toEqual(['done', 'done']);
  expect([one.listeners, other.listeners]).toEqual([0, 0]);
});

/** An engine that loads its files with `read` and never finishes decoding. */
function engineWith(read: Read) {
  return new Engine({}, { read, decode: never });
}

test('cancelling a track keeps the shared download for the next one', async () => {
  const read: string[] = [];
  let fail = (_: Error) => {};
  const failing = new Promise<never>((_, reject) => (fail = reject));
  const engine = engineWith((address) => (read.push(String(address)), failing));
  const caller = new AbortController();
  const first = engine.classify(new Blob(['one']), { signal: caller.signal });
  const stages: string[] = [];
  const second = engine.classify(new Blob(['two']), { onStage: (stage) => stages.push(stage) });
  await expect.poll(() => read.length).toBe(2);
  caller.abort(new Error('cancelled'));
  await expect(first).rejects.toThrow('cancelled');
  // The second track is now first in the queue and waits for the same download.
  await expect.poll(() => stages).toEqual(['waiting', 'loading']);
  fail(new Error('the connection broke'));
  await expect(second).rejects.toThrow('connection broke');
  expect(read).toHaveLength(2);
  engine.close();
});

test('a stalled download fails only the track that waits for it', async () => {
  const read: string[] = [];
  const fail: ((reason: Error) => void)[] = [];
  const engine = engineWith((address) => (read.push(String(address)), new Promise((_, reject) => fail.push(reject))));
  const [first, second] = ['one', 'two'].map((song) => engine.classify(new Blob([song])).catch((thrown: unknown) => thrown));
  await expect.poll(() => read.length).toBe(2);
  fail[0]!(knownError('download-stalled', 'worker.js'));
  await pause(100);
  fail[1]!(knownError('download-stalled', 'worker.js'));
  expect(await first).toMatchObject({ code: 'download-stalled' });
  await expect.poll(() => read.length).toBe(4);
  engine.close();
  expect(await second).toMatchObject({ code: 'closed' });
});

test('a settled track leaves no abort listener', async () => {
  const engine = engineWith(() => Promise.reject(new Error('offline')));
  const caller = new CountedSignal();
  const tracks = Array.from({ length: 5 }, () => engine.classify(new Blob(['song']), { signal: caller.signal }));
  await Promise.allSettled(tracks);
  expect(caller.added).toBeGreaterThanOrEqual(5);
  expect(caller.listeners).toBe(0);
  engine.close();
});

test('the download size is requested again after a request without a response', async () => {
  const before = globalThis.fetch;
  const requested: string[] = [];
  let offline = true;
  globalThis.fetch = async (address) => {
    requested.push(String(address));
    if (offline) throw new TypeError('offline');
    return new Response(null, { headers: { 'content-length': '7' } });
  };
  try {
    const options = { weights: 'https://tonearm.test/own.bpk', backend: 'cpu' } as const;
    expect(await downloadSize(options)).toBeUndefined();
    offline = false;
    expect(await downloadSize(options)).toBe(14);
    expect(await downloadSize(options)).toBe(14);
    expect(requested).toHaveLength(4);
  } finally {
    globalThis.fetch = before;
  }
});

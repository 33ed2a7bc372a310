import type { Browser, Page } from '@playwright/test';

/** A function of ours, perhaps with what it calls of another library, and its share of all samples. */
export interface Share {
  name: string;
  share: number;
}

/** A function that was running, as Chromium traces it. */
interface Node {
  id: number;
  parent?: number;
  callFrame: { functionName: string };
}

/** What was seen running in a thread, again and again. */
interface Thread {
  nodes: Map<number, Node>;
  samples: number[];
}

interface TraceEvent {
  name: string;
  pid: number;
  id: string;
  args: { data?: { cpuProfile?: { nodes?: Node[]; samples?: number[] } } };
}

/** Functions whose share is smaller are left out, and their sum is given. */
const LEAST = 0.01;

/** Where the time of a task in one of the page's workers goes, by Chromium's profiler; the most first. */
export async function profile(browser: Browser, page: Page, task: () => Promise<unknown>): Promise<Share[]> {
  await browser.startTracing(page, { categories: ['disabled-by-default-v8.cpu_profiler'] });
  await task();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const shares = [...busiest(traceEvents)].map(([name, share]) => ({ name, share })).sort((a, b) => b.share - a.share);
  const shown = shares.filter(({ share }) => share >= LEAST);
  return [...shown, { name: 'all else', share: 1 - shown.reduce((sum, { share }) => sum + share, 0) }];
}

/** Shares of the functions of the thread in which most of ours were seen. */
function busiest(events: TraceEvent[]): Map<string, number> {
  const threads = new Map<string, Thread>();
  for (const { name, pid, id, args } of events) {
    if (name !== 'ProfileChunk') continue;
    const key = `${pid} ${id}`;
    const thread: Thread = threads.get(key) ?? { nodes: new Map(), samples: [] };
    threads.set(key, thread);
    for (const node of args.data?.cpuProfile?.nodes ?? []) thread.nodes.set(node.id, node);
    thread.samples.push(...(args.data?.cpuProfile?.samples ?? []));
  }
  const counted = [...threads.values()].map(({ nodes, samples }) => count(nodes, samples));
  const [most] = counted.sort((a, b) => ours(b) - ours(a));
  if (!most || ours(most) === 0) throw new Error('no function of ours was seen');
  const all = [...most.values()].reduce((a, b) => a + b, 0);
  return new Map([...most].map(([name, samples]) => [name, samples / all]));
}

const ours = (counted: Map<string, number>) => [...counted].filter(([name]) => name.startsWith('tonearm')).reduce((sum, [, n]) => sum + n, 0);

/** Samples of each function of ours, and of what it called of each library. */
function count(nodes: Map<number, Node>, samples: number[]): Map<string, number> {
  const counted = new Map<string, number>();
  for (const sample of samples) {
    const name = placeOf(nodes, sample);
    if (name) counted.set(name, (counted.get(name) ?? 0) + 1);
  }
  return counted;
}

/** Undefined for a thread that waits. */
function placeOf(nodes: Map<number, Node>, sample: number): string | undefined {
  const nameOf = (node: Node | undefined) => (node ? plain(node.callFrame.functionName) : '');
  let node = nodes.get(sample);
  const innermost = nameOf(node);
  if (!node || innermost === '(idle)' || innermost === '(program)') return undefined;
  while (node && !nameOf(node).startsWith('tonearm::')) node = node.parent === undefined ? undefined : nodes.get(node.parent);
  const library = /^\w+/.exec(innermost)?.[0] ?? innermost;
  if (!node) return library;
  return nameOf(node) === innermost ? innermost : `${nameOf(node)}, in ${library}`;
}

/** A function's name without the types that it is made for, the traits of its type and its hash. */
function plain(name: string): string {
  let bare = name.replace(/::h[0-9a-f]{16}$/, '').replaceAll('{{closure}}', '').replace(/^<(\S+) as [^>]+>/, '$1').replace(/^<(.+)>::/, '$1::');
  for (let before = ''; before !== bare; ) {
    before = bare;
    bare = bare.replace(/<[^<>]*>/g, '');
  }
  return bare.replace(/(::)+$/, '');
}

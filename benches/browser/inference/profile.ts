import type { Browser, Page } from '@playwright/test';

/** A function of Tonearm, or a library that it calls, and its fraction of all samples. */
export interface ProfileEntry {
  name: string;
  fraction: number;
}

/** A call frame in Chromium's trace. */
interface Node {
  id: number;
  parent?: number;
  callFrame: { functionName: string };
}

/** Samples of a thread. */
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

/** Functions with a smaller fraction are summed up in one entry. */
const MIN_FRACTION = 0.01;

/** Profiles a task in one of the page's workers with Chromium's profiler. Sorted, largest fraction first. */
export async function profile(browser: Browser, page: Page, task: () => Promise<unknown>): Promise<ProfileEntry[]> {
  await browser.startTracing(page, { categories: ['disabled-by-default-v8.cpu_profiler'] });
  await task();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const entries = [...busiestThread(traceEvents)].map(([name, fraction]) => ({ name, fraction })).sort((a, b) => b.fraction - a.fraction);
  const shown = entries.filter(({ fraction }) => fraction >= MIN_FRACTION);
  return [...shown, { name: 'all others', fraction: 1 - shown.reduce((sum, { fraction }) => sum + fraction, 0) }];
}

/** Fractions of the functions in the thread that spent most samples in Tonearm. */
function busiestThread(events: TraceEvent[]): Map<string, number> {
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
  if (!most || ours(most) === 0) throw new Error('the profile has no function of Tonearm');
  const all = [...most.values()].reduce((a, b) => a + b, 0);
  return new Map([...most].map(([name, samples]) => [name, samples / all]));
}

const ours = (counted: Map<string, number>) => [...counted].filter(([name]) => name.startsWith('tonearm')).reduce((sum, [, n]) => sum + n, 0);

/** Number of samples of each function of Tonearm, and of each library that it calls. */
function count(nodes: Map<number, Node>, samples: number[]): Map<string, number> {
  const counted = new Map<string, number>();
  for (const sample of samples) {
    const name = nameOfSample(nodes, sample);
    if (name) counted.set(name, (counted.get(name) ?? 0) + 1);
  }
  return counted;
}

/** Name that a sample counts for; undefined if the thread was idle. */
function nameOfSample(nodes: Map<number, Node>, sample: number): string | undefined {
  const nameOf = (node: Node | undefined) => (node ? plain(node.callFrame.functionName) : '');
  let node = nodes.get(sample);
  const innermost = nameOf(node);
  if (!node || innermost === '(idle)' || innermost === '(program)') return undefined;
  while (node && !nameOf(node).startsWith('tonearm::')) node = node.parent === undefined ? undefined : nodes.get(node.parent);
  const library = /^\w+/.exec(innermost)?.[0] ?? innermost;
  if (!node) return library;
  return nameOf(node) === innermost ? innermost : `${nameOf(node)}, in ${library}`;
}

/** Strips generic arguments, trait names, closures and the hash from the name of a function. */
function plain(name: string): string {
  let bare = name.replace(/::h[0-9a-f]{16}$/, '').replaceAll('{{closure}}', '').replace(/^<(\S+) as [^>]+>/, '$1').replace(/^<(.+)>::/, '$1::');
  for (let before = ''; before !== bare; ) {
    before = bare;
    bare = bare.replace(/<[^<>]*>/g, '');
  }
  return bare.replace(/(::)+$/, '');
}

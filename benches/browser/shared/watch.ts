import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';

/** Milliseconds between two looks at the memory. */
const LOOK_EVERY = 100;

/** Milliseconds that a page is kept busy to find its process. */
const BUSY_MS = 500;

/** Something that took a while, in ms of `performance.now()` of the page. */
export interface Span {
  start: number;
  end: number;
}

/** Notes every task of the page's main thread that is longer than 50 ms; to be called before it is opened. */
export async function watchTasks(page: Page) {
  await page.addInitScript(() => {
    const tasks: Span[] = [];
    Object.assign(globalThis, { tasks });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) tasks.push({ start: startTime, end: startTime + duration });
    }).observe({ type: 'longtask', buffered: true });
  });
}

/** Length of the longest task of the main thread that began in the span, in ms; 50 stands for all shorter ones. */
export async function longestTask(page: Page, { start, end }: Span): Promise<number> {
  // An observer is told a while after the task.
  await page.waitForTimeout(500);
  const tasks = await page.evaluate(() => (globalThis as unknown as { tasks: Span[] }).tasks);
  return Math.max(50, ...tasks.filter((task) => task.start >= start && task.start < end).map((task) => task.end - task.start));
}

/** Memory of a process, in MB of a million bytes. */
export interface Memory {
  /** All that is in memory, with the libraries that all processes of the browser share. */
  resident: number;
  /** Of that, what is its own. */
  own: number;
}

/** Looks at the memory of the process that draws the page and runs its workers. */
export class MemoryWatch {
  readonly #process: number;
  #timer: NodeJS.Timeout | undefined;
  #most: Memory = { resident: 0, own: 0 };

  private constructor(process: number) {
    this.#process = process;
  }

  /** Undefined where there is no `/proc` to look into. */
  static async on(page: Page): Promise<MemoryWatch | undefined> {
    const browser = page.context().browser();
    if (process.platform !== 'linux' || !browser) return undefined;
    const session = await browser.newBrowserCDPSession();
    const renderers = async () => (await session.send('SystemInfo.getProcessInfo')).processInfo.filter(({ type }) => type === 'renderer');
    // No protocol tells which process a page is in, so the page is kept busy: it is the one that used the
    // processor, as soon as the others, which may have things to clear away, rest.
    for (;;) {
      const before = new Map((await renderers()).map(({ id, cpuTime }) => [id, cpuTime]));
      await page.evaluate((ms) => {
        for (const end = performance.now() + ms; performance.now() < end; );
      }, BUSY_MS);
      const used = (await renderers()).map(({ id, cpuTime }) => ({ id, seconds: cpuTime - (before.get(id) ?? 0) }));
      const [busiest, next] = used.sort((a, b) => b.seconds - a.seconds);
      if (busiest && busiest.seconds < 5 * (next?.seconds ?? 0)) continue;
      await session.detach();
      return busiest && new MemoryWatch(busiest.id);
    }
  }

  now(): Memory {
    return memoryOf(this.#process);
  }

  start() {
    this.#most = this.now();
    this.#timer = setInterval(() => {
      const { resident, own } = this.now();
      this.#most = { resident: Math.max(this.#most.resident, resident), own: Math.max(this.#most.own, own) };
    }, LOOK_EVERY);
  }

  /** The most since the start. */
  stop(): Memory {
    clearInterval(this.#timer);
    return this.#most;
  }
}

function memoryOf(process: number): Memory {
  const status = readFileSync(`/proc/${process}/status`, 'utf8');
  const megabytes = (field: string) => (Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN) * 1024) / 1e6;
  return { resident: megabytes('VmRSS'), own: megabytes('RssAnon') };
}

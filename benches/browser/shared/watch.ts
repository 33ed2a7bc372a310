import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';

/** Interval between two memory samples, in milliseconds. */
const SAMPLE_INTERVAL_MS = 100;

/** Time for which a page is kept busy to find its process, in milliseconds. */
const BUSY_MS = 500;

/** A time span, in milliseconds of the page's `performance.now()`. */
export interface Span {
  start: number;
  end: number;
}

/** Records main-thread tasks of more than 50 ms. Has to be called before the page is opened. */
export async function watchTasks(page: Page) {
  await page.addInitScript(() => {
    const tasks: Span[] = [];
    Object.assign(globalThis, { tasks });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) tasks.push({ start: startTime, end: startTime + duration });
    }).observe({ type: 'longtask', buffered: true });
  });
}

/** Duration of the longest main-thread task that started in a span, in milliseconds; 50 if all are shorter. */
export async function longestTask(page: Page, { start, end }: Span): Promise<number> {
  // The observer is notified with a delay.
  await page.waitForTimeout(500);
  const tasks = await page.evaluate(() => (globalThis as unknown as { tasks: Span[] }).tasks);
  return Math.max(50, ...tasks.filter((task) => task.start >= start && task.start < end).map((task) => task.end - task.start));
}

/** Memory of a process, in MB (10^6 bytes). */
export interface Memory {
  /** Resident memory, including libraries that the processes of the browser share. */
  resident: number;
  /** Private part of the resident memory. */
  own: number;
}

/** Samples the memory of the renderer process of a page, which also runs its workers. */
export class MemoryWatch {
  readonly #process: number;
  #timer: NodeJS.Timeout | undefined;
  #peak: Memory = { resident: 0, own: 0 };

  private constructor(process: number) {
    this.#process = process;
  }

  /** Finds the process of a page. Returns undefined on systems without `/proc`. */
  static async on(page: Page): Promise<MemoryWatch | undefined> {
    const browser = page.context().browser();
    if (process.platform !== 'linux' || !browser) return undefined;
    const session = await browser.newBrowserCDPSession();
    const renderers = async () => (await session.send('SystemInfo.getProcessInfo')).processInfo.filter(({ type }) => type === 'renderer');
    // The protocol does not tell the process of a page. The page is kept busy, and its process is the one that
    // used far more CPU time than the others. This is repeated until the others are idle.
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
    this.#peak = this.now();
    this.#timer = setInterval(() => {
      const { resident, own } = this.now();
      this.#peak = { resident: Math.max(this.#peak.resident, resident), own: Math.max(this.#peak.own, own) };
    }, SAMPLE_INTERVAL_MS);
  }

  /** Stops sampling and returns the peak since the start. */
  stop(): Memory {
    clearInterval(this.#timer);
    return this.#peak;
  }
}

function memoryOf(process: number): Memory {
  const status = readFileSync(`/proc/${process}/status`, 'utf8');
  const megabytes = (field: string) => (Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN) * 1024) / 1e6;
  return { resident: megabytes('VmRSS'), own: megabytes('RssAnon') };
}

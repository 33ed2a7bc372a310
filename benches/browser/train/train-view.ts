import type { Page } from '@playwright/test';
import type { TrainEpoch } from 'tonearm/project';
import { Workbench } from '../../../tests/browser/support/pages/workbench.js';
import { TonearmPage } from '../../../tests/browser/support/pages/tonearm.js';
import type { RunningServer } from '../../../tests/browser/support/pages/server.js';
import { type Span, watchTasks } from '../shared/watch.js';

/** The internals of the page that the benchmark reads. */
interface View {
  controller: {
    openProject: { examples: unknown[]; runs: Run[]; importQueue: { left: number } | null };
    runner: { training: { live: { record: Run } | null } };
  } | null;
  updateComplete: Promise<unknown>;
}

interface Run {
  id: string;
  status: string;
  epochs: TrainEpoch[];
}

/** Times of a training run, in milliseconds of the page's `performance.now()`. */
export interface TimedRun extends Span {
  /** When the first epoch was reported; all embeddings are computed by then. */
  firstEpoch: number;
  /** When an epoch reached the goal; undefined if none did. */
  reached: number | undefined;
  epochs: TrainEpoch[];
}

/** Opens the Train view and records the main-thread tasks of the page. */
export async function openTrain(page: Page, server: RunningServer): Promise<Workbench> {
  await watchTasks(page);
  const bench = new Workbench(new TonearmPage(page, server));
  await bench.open();
  return bench;
}

/** Runs an action that adds files, and waits until the project has `n` files. */
export async function timeAdding(page: Page, n: number, add: () => Promise<void>): Promise<Span> {
  const start = await now(page);
  await add();
  const end = await page.evaluate(async (n) => {
    const view = () => document.querySelector('tonearm-page')?.shadowRoot?.querySelector('train-view') as unknown as View;
    for (;;) {
      const { importQueue, examples = [] } = view().controller?.openProject ?? {};
      if (importQueue?.left === 0 && examples.length > 0) {
        if (examples.length === n) return performance.now();
        throw new Error(`${examples.length} of ${n} files were added`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }, n);
  return { start, end };
}

/** Trains with the default settings until the result is shown, and records when the validation accuracy reaches a goal. */
export async function timeTraining(bench: Workbench, goal: number): Promise<TimedRun> {
  const { page } = bench;
  const train = page.locator('train-panel').getByRole('button', { name: 'Train', exact: true });
  await train.and(page.locator(':enabled')).waitFor();
  const start = await now(page);
  const watched = page.evaluate(async (goal) => {
    const view = () => document.querySelector('tonearm-page')?.shadowRoot?.querySelector('train-view') as unknown as View;
    const pause = () => new Promise((resolve) => setTimeout(resolve, 10));
    let [firstEpoch, reached]: (number | undefined)[] = [];
    let live = view().controller?.runner.training.live;
    for (; !live; live = view().controller?.runner.training.live) await pause();
    const { record } = live;
    for (;;) {
      const { epochs } = record;
      const time = performance.now();
      if (epochs.length > 0) firstEpoch ??= time;
      if (epochs.some(({ validationTop1 }) => (validationTop1 ?? 0) >= goal)) reached ??= time;
      // The run is over when the page has read it back from the store.
      const stored = view().controller?.openProject.runs.find(({ id }) => id === record.id);
      if (stored && stored !== record) {
        if (stored.status !== 'done') throw new Error(`the run is ${stored.status}`);
        await view().updateComplete;
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        return { end: performance.now(), firstEpoch: firstEpoch ?? time, reached, epochs };
      }
      await pause();
    }
  }, goal);
  await train.click();
  return { start, ...(await watched) };
}

const now = (page: Page) => page.evaluate(() => performance.now());

/** Duration of a span, in seconds. */
export const seconds = ({ start, end }: Span) => (end - start) / 1000;

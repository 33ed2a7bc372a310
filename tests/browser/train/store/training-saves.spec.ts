import { expect, test } from '@playwright/test';
import type { TrainingClient, TrainOptions, TrainOutcome } from 'tonearm';
import type { ProjectContent, TrainEpoch } from 'tonearm/project';
import type { RunRecord } from '../../../../www/src/train/store/records.js';
import { StoreError } from '../../../../www/src/train/store/store-error.js';
import type { Store } from '../../../../www/src/train/store/store.js';
import { SAVE_INTERVAL, Training } from '../../../../www/src/train/run/training.js';
import { newRun } from '../../support/training.js';

/** Creates a `Training` whose saves and whose run the test controls. */
function underTest() {
  const saved: RunRecord[] = [];
  const state = { full: false, saved, options: {} as TrainOptions, finish: (_: TrainOutcome) => {} };
  const store = {
    saveRun: async (run: RunRecord) => {
      if (state.full) throw new StoreError('quota');
      saved.push(run);
    },
  };
  const client = {
    train: (_project: ProjectContent, _settings: unknown, options: TrainOptions) => {
      state.options = options;
      return { done: new Promise<TrainOutcome>((resolve) => (state.finish = resolve)) };
    },
  };
  const training = new Training({ store: store as unknown as Store, client: client as unknown as TrainingClient, changed: () => undefined, ended: async () => undefined });
  return { training, state };
}

/** Waits longer than the interval between two saves of a run. */
const betweenSaves = () => new Promise((resolve) => setTimeout(resolve, SAVE_INTERVAL + 100));

const epoch = (n: number) => ({ epoch: n, epochs: 9, fold: 1, nFolds: 1 }) as TrainEpoch;

test('a failed save during a run is reported, and the next save is attempted', async () => {
  const { training, state } = underTest();
  const over = training.start(newRun('crate', []), { name: 'Crate' } as ProjectContent, 'cpu');
  await expect.poll(() => state.options.onProgress).toBeDefined();
  const reportEpoch = (n: number) => state.options.onProgress?.({ kind: 'epochs', epochs: [epoch(n)], state: Uint8Array.of(n) });

  state.full = true;
  reportEpoch(1);
  await expect.poll(() => training.live?.error).toMatch(/There is not enough storage space, so this was not saved\. Delete a project/);

  state.full = false;
  await betweenSaves();
  reportEpoch(2);
  await expect.poll(() => training.live?.error).toBeNull();
  expect(state.saved.at(-1)!.epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);

  state.finish({ weights: new Uint8Array(), report: {} } as unknown as TrainOutcome);
  await over;
});

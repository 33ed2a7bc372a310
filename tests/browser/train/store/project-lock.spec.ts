import { type Page, expect, test } from '@playwright/test';
import { holdProject } from '../../../../www/src/train/store/project-lock.js';
import { persist, usage } from '../../../../www/src/train/store/usage.js';

/** An empty page with a secure address, as locks need one. */
async function blank(page: Page) {
  await page.route('https://tonearm.test/', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await page.goto('https://tonearm.test/');
}

/** Gives this process a `navigator` for one call. */
async function withNavigator<T>(value: unknown, call: () => Promise<T>): Promise<T> {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value });
  try {
    return await call();
  } finally {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
  }
}

const refuse = () => Promise.reject(new DOMException('The request was denied.', 'SecurityError'));

test('the second tab that opens a project is told, until the first lets it go', async ({ context }) => {
  const [first, second] = [await context.newPage(), await context.newPage()];
  await blank(first);
  await blank(second);

  // The function takes nothing from its module, so the pages can run its text.
  const lock = await first.evaluateHandle(holdProject, 'crate');
  expect(await second.evaluate(holdProject, 'crate')).toBeNull();
  expect(await second.evaluate(holdProject, 'another')).not.toBeNull();

  await lock.evaluate((held) => held!.release());
  await expect.poll(() => second.evaluate(holdProject, 'crate')).not.toBeNull();
  await second.close();
  await expect.poll(() => first.evaluate(holdProject, 'crate')).not.toBeNull();
});

for (const [trouble, navigator] of Object.entries({
  'has no locks': {},
  'refuses them': { locks: { request: refuse } },
})) {
  test(`a project counts as held where the browser ${trouble}`, async () => {
    const lock = await withNavigator(navigator, () => holdProject('crate'));
    expect(lock).not.toBeNull();
    lock!.release();
  });
}

test('usage is what the browser says', async () => {
  const storage = {
    estimate: async () => ({ usage: 5, quota: 100 }),
    persisted: async () => false,
    persist: async () => true,
  };
  expect(await withNavigator({ storage }, usage)).toEqual({ usage: 5, quota: 100, persisted: false });
  expect(await withNavigator({ storage }, persist)).toBe(true);
});

test('usage is unknown where the browser does not say', async () => {
  const unknown = { usage: null, quota: null, persisted: null };
  for (const navigator of [{}, { storage: { estimate: refuse, persisted: refuse, persist: refuse } }]) {
    expect(await withNavigator(navigator, usage)).toEqual(unknown);
    expect(await withNavigator(navigator, persist)).toBe(false);
  }
});

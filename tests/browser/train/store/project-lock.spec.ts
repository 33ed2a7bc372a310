import { type Page, expect, test } from '@playwright/test';
import { lockProject } from '../../../../www/src/train/store/project-lock.js';
import { persist, storageUsage } from '../../../../www/src/train/store/usage.js';

/** Opens an empty page with a secure URL, which locks require. */
async function blank(page: Page) {
  await page.route('https://tonearm.test/', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await page.goto('https://tonearm.test/');
}

/** Replaces `navigator` in this process for one call. */
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

test('a second tab cannot lock a project until the first tab releases it', async ({ context }) => {
  const [first, second] = [await context.newPage(), await context.newPage()];
  await blank(first);
  await blank(second);

  // The function uses nothing from its module, so its source can run in the pages.
  const lock = await first.evaluateHandle(lockProject, 'crate');
  expect(await second.evaluate(lockProject, 'crate')).toBeNull();
  expect(await second.evaluate(lockProject, 'another')).not.toBeNull();

  await lock.evaluate((lock) => lock!.release());
  await expect.poll(() => second.evaluate(lockProject, 'crate')).not.toBeNull();
  await second.close();
  await expect.poll(() => first.evaluate(lockProject, 'crate')).not.toBeNull();
});

for (const [problem, navigator] of Object.entries({
  'has no locks': {},
  'denies them': { locks: { request: refuse } },
})) {
  test(`a project counts as locked if the browser ${problem}`, async () => {
    const lock = await withNavigator(navigator, () => lockProject('crate'));
    expect(lock).not.toBeNull();
    lock!.release();
  });
}

test('storage usage is what the browser reports', async () => {
  const storage = {
    estimate: async () => ({ usage: 5, quota: 100 }),
    persisted: async () => false,
    persist: async () => true,
  };
  expect(await withNavigator({ storage }, storageUsage)).toEqual({ usage: 5, quota: 100, persisted: false });
  expect(await withNavigator({ storage }, persist)).toBe(true);
});

test('storage usage is unknown if the browser does not report it', async () => {
  const unknown = { usage: null, quota: null, persisted: null };
  for (const navigator of [{}, { storage: { estimate: refuse, persisted: refuse, persist: refuse } }]) {
    expect(await withNavigator(navigator, storageUsage)).toEqual(unknown);
    expect(await withNavigator(navigator, persist)).toBe(false);
  }
});

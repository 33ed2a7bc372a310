import { availableParallelism } from 'node:os';
import { defineConfig, devices } from '@playwright/test';

/** The distribution's Chromium, unless the environment names another. */
export const executablePath = process.env.TONEARM_CHROMIUM ?? '/usr/bin/chromium';

/** Quiet: a browser that does nothing but what a test asks. */
export const ARGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  '--autoplay-policy=no-user-gesture-required',
];

/** A software adapter: slow, and real WebGPU. */
export const GPU_ARGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** Tests of what must keep up with a clock: the length of main-thread tasks, and sound that is recorded as it plays. */
const TIMED = ['smoothness', 'record', 'record-tab'].map((name) => `${name}.spec.ts`);

export default defineConfig({
  testDir: '.',
  outputDir: 'test-results',
  timeout: 120_000,
  // A browser beside another may be slow to react; a test that waits in vain fails all the same.
  expect: { timeout: 15_000 },
  // Files run beside each other, the tests of a file one after the other. More than four only wait for the disk.
  workers: Math.min(4, availableParallelism()),
  forbidOnly: true,
  reporter: [['list']],
  use: { trace: 'retain-on-failure', viewport: { width: 1280, height: 860 } },
  projects: [
    { name: 'cpu', testIgnore: ['*.gpu.spec.ts', '*.bundlers.spec.ts', 'pictures.spec.ts', ...TIMED], use: { launchOptions: { executablePath, args: ARGS } } },
    // With nothing beside it: `npm test` gives it one worker.
    { name: 'timed', testMatch: TIMED, use: { launchOptions: { executablePath, args: ARGS } } },
    {
      name: 'webgpu',
      testMatch: '*.gpu.spec.ts',
      // A quick run has no WebGPU module to test.
      ...(process.env.TONEARM_QUICK ? { testIgnore: '*' } : {}),
      timeout: 300_000,
      use: { launchOptions: { executablePath, args: [...ARGS, ...GPU_ARGS] } },
    },
    {
      // Every flow on a screen of this size, by touch: `npm run test:full`.
      name: 'phone',
      testMatch: ['listen', 'networks', 'train', 'train-compare', 'train-order', 'record', 'element', 'embed'].map((name) => `${name}.spec.ts`),
      use: { ...devices['Pixel 7'], launchOptions: { executablePath, args: ARGS } },
    },
    // Writes the README's pictures: `npm run pictures`.
    { name: 'pictures', testMatch: 'pictures.spec.ts', use: { launchOptions: { executablePath, args: ARGS } } },
    {
      // Minutes of installing and building: `npm run test:full`.
      name: 'bundlers',
      testMatch: '*.bundlers.spec.ts',
      timeout: 600_000,
      use: { launchOptions: { executablePath, args: ARGS } },
    },
  ],
});

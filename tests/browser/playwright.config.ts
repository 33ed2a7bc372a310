import { availableParallelism } from 'node:os';
import { defineConfig, devices } from '@playwright/test';

/** Path of Chromium: that of the distribution unless TONEARM_CHROMIUM names another. */
export const executablePath = process.env.TONEARM_CHROMIUM ?? '/usr/bin/chromium';

/** Arguments that stop the browser's own background requests. */
export const ARGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  '--autoplay-policy=no-user-gesture-required',
];

/** Arguments for WebGPU with a software adapter, which is slow but complete. */
export const GPU_ARGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** Tests that depend on timing: they measure main-thread tasks or record sound while it plays. */
const TIMED = ['smoothness', 'record', 'record-tab'].map((name) => `${name}.spec.ts`);

export default defineConfig({
  testDir: '.',
  outputDir: 'test-results',
  timeout: 120_000,
  // Spec files run in parallel. More than four workers only wait for the disk.
  workers: Math.min(4, availableParallelism()),
  forbidOnly: true,
  reporter: [['list']],
  use: { trace: 'retain-on-failure', viewport: { width: 1280, height: 860 } },
  projects: [
    {
      name: 'cpu',
      testIgnore: ['*.gpu.spec.ts', '*.bundlers.spec.ts', 'pictures.spec.ts', ...TIMED],
      // Browsers that run in parallel can be slow to react.
      expect: { timeout: 15_000 },
      use: { launchOptions: { executablePath, args: ARGS } },
    },
    // Run by `npm run test:alone` with a single worker.
    { name: 'timed', testMatch: TIMED, use: { launchOptions: { executablePath, args: ARGS } } },
    {
      name: 'webgpu',
      testMatch: '*.gpu.spec.ts',
      // A quick run builds no WebGPU module.
      ...(process.env.TONEARM_QUICK ? { testIgnore: '*' } : {}),
      timeout: 300_000,
      use: { launchOptions: { executablePath, args: [...ARGS, ...GPU_ARGS] } },
    },
    {
      // The main flows on a touch screen of this size; run by `npm run test:full`.
      name: 'phone',
      testMatch: ['listen', 'networks', 'train', 'train-compare', 'train-order', 'record', 'element', 'embed'].map((name) => `${name}.spec.ts`),
      use: { ...devices['Pixel 7'], launchOptions: { executablePath, args: ARGS } },
    },
    // Takes the screenshots in the README: `npm run pictures`.
    { name: 'pictures', testMatch: 'pictures.spec.ts', use: { launchOptions: { executablePath, args: ARGS } } },
    {
      // Installs and builds for minutes; run by `npm run test:full`.
      name: 'bundlers',
      testMatch: '*.bundlers.spec.ts',
      timeout: 600_000,
      use: { launchOptions: { executablePath, args: ARGS } },
    },
  ],
});

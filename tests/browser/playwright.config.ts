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

export default defineConfig({
  testDir: '.',
  outputDir: 'test-results',
  timeout: 120_000,
  // The tests time things and the machine is small.
  workers: 1,
  forbidOnly: true,
  reporter: [['list']],
  use: { trace: 'retain-on-failure', viewport: { width: 1280, height: 860 } },
  projects: [
    { name: 'cpu', testIgnore: ['*.gpu.spec.ts', '*.bundlers.spec.ts'], use: { launchOptions: { executablePath, args: ARGS } } },
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
    {
      // Minutes of installing and building: `npm run test:full`.
      name: 'bundlers',
      testMatch: '*.bundlers.spec.ts',
      timeout: 600_000,
      use: { launchOptions: { executablePath, args: ARGS } },
    },
  ],
});

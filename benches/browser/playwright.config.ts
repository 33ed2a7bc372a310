import path from 'node:path';
import { defineConfig } from '@playwright/test';
import { ARGS, GPU_ARGS, executablePath } from '../../tests/browser/playwright.config.js';

/** What is measured and printed, and never passes or fails: `cargo xtask bench`, apart from the tests. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.bench.ts',
  outputDir: path.join(import.meta.dirname, '../../tests/browser/test-results'),
  // As long as it takes.
  timeout: 0,
  workers: 1,
  reporter: [['dot']],
  reportSlowTests: null,
  use: {
    trace: 'off',
    viewport: { width: 1280, height: 860 },
    // Without a graphics card WebGL and WebGPU are refused, unless software may draw.
    launchOptions: { executablePath, args: [...ARGS, ...GPU_ARGS, '--enable-unsafe-swiftshader'] },
  },
});

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { build } from 'vite';
import { HostPage } from './host-page.js';
import { serveFolder } from './server.js';
import { emptyFolder } from '../shell.js';

/** Builds a page whose script imports the package, as another site would, and serves it without opening it. */
export async function bundled(page: Page, script: string, body = ''): Promise<HostPage> {
  // A folder inside the repository, so that Vite finds the package.
  const root = emptyFolder('bundled');
  writeFileSync(path.join(root, 'index.html'), `<!doctype html><title>A site</title><script type="module" src="./main.ts"></script>${body}`);
  writeFileSync(path.join(root, 'main.ts'), script);
  await build({ root, configFile: false, logLevel: 'error' });
  return new HostPage(page, await serveFolder(path.join(root, 'dist')));
}

import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, preview } from 'vite';

/** A served benchmark page. */
export interface BenchPage {
  url: string;
  /** Copies files to the folder `given/` of the page. */
  give(from: string, to: string): void;
  close(): Promise<void>;
}

/** Builds the page in a folder with the options of the site, and serves it. */
export async function servePage(root: string): Promise<BenchPage> {
  const outDir = mkdtempSync(path.join(tmpdir(), 'tonearm-bench-'));
  const options = { root, configFile: false, logLevel: 'error' } as const;
  await build({
    ...options,
    build: { outDir, emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: Infinity },
    worker: { format: 'es' },
  });
  const server = await preview({ ...options, build: { outDir }, preview: { host: '127.0.0.1', port: 0 } });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error('the benchmark page has no URL');
  return {
    url,
    give(from, to) {
      const target = path.join(outDir, 'given', to);
      mkdirSync(path.dirname(target), { recursive: true });
      cpSync(from, target, { recursive: true });
    },
    close: async () => {
      await server.close();
      rmSync(outDir, { recursive: true });
    },
  };
}

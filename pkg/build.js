/** Builds the package into dist/; `tsc -p .` adds the types. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'rolldown';

process.chdir(import.meta.dirname);
rmSync('dist', { recursive: true, force: true });

const common = {
  platform: 'browser',
  tsconfig: 'tsconfig.json',
  // `sideEffects` in package.json speaks of what is built here.
  treeshake: { moduleSideEffects: [{ test: /\/pkg\/src\//, sideEffects: true }] },
};

await build([
  // What bundlers take. They find wasm, weights and the worker by `new URL(..., import.meta.url)`,
  // so all of it lies as deep as src/.
  {
    ...common,
    input: {
      index: 'src/index.ts',
      element: 'src/element/tone-arm.ts',
      engine: 'src/engine.ts',
      'index-node': 'src/index-node.ts',
      node: 'src/node.ts',
      page: 'src/page.ts',
      project: 'src/project-types.ts',
      styles: 'src/element/shared-styles.ts',
    },
    external: [/^(lit|node:)/, 'music-metadata'],
    output: { dir: 'dist', chunkFileNames: 'shared-[hash].js' },
  },
  // What a script tag takes: all in one file but the reader of headers, which comes with the first song.
  {
    ...common,
    input: 'src/element/tone-arm.ts',
    output: { dir: 'dist', chunkFileNames: 'music-metadata/[name]-[hash].js', minify: true },
  },
  // One file, so that it runs wherever a bundler puts it, and can be imported from another origin.
  {
    ...common,
    input: 'src/worker/worker.ts',
    // The core's futures are polled in it.
    transform: { inject: { queueMicrotask: [path.resolve('src/worker/panics.ts'), 'queueMicrotask'] } },
    output: { file: 'dist/worker.js', codeSplitting: false, minify: true },
  },
]);

// The element is registered by its own file, which bundlers know to keep; what React adds are types.
writeFileSync('dist/react.js', "export * from './element.js';\n");

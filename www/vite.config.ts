import { type UserConfig, defineConfig } from 'vite';

/** Options that the pages and the standalone element share. */
export const common = {
  // Relative URLs let the site work under any path.
  base: './',
  build: {
    // `cargo xtask` sets another folder, since it may be serving `dist` at the same time.
    outDir: process.env.TONEARM_OUT ?? 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Inlined assets would be data: URLs, which the content security policy blocks.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
} satisfies UserConfig;

export default defineConfig({
  ...common,
  build: { ...common.build, rolldownOptions: { input: { index: 'index.html', embed: 'embed.html' } } },
});

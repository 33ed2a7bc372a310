import { type UserConfig, defineConfig } from 'vite';

/** Of the pages, and of the element for other sites. */
export const common = {
  // Relative, so that the site works from any path.
  base: './',
  build: {
    // `cargo xtask` builds beside the site that it may be serving.
    outDir: process.env.TONEARM_OUT ?? 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // An inlined asset would be a data: address, which the content security policy refuses to fetch.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
} satisfies UserConfig;

export default defineConfig({
  ...common,
  build: { ...common.build, rolldownOptions: { input: { index: 'index.html', embed: 'embed.html' } } },
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { ROOT } from '../support/paths.js';

// If the module does not export it, the linker calls all constructors at the beginning of each exported function.
test('the WebGPU module exports the call of its constructors', async () => {
  const module = await WebAssembly.compile(readFileSync(path.join(ROOT, 'pkg/wasm/webgpu/tonearm_web_bg.wasm')));
  expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toContain('__wasm_call_ctors');
});

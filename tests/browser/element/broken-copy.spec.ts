import { expect, test } from '@playwright/test';
import { queueMicrotask as poll } from '../../../pkg/src/worker/panics.js';
import type { Reply } from '../../../pkg/src/worker/protocol.js';
import { isBroken, serve } from '../../../pkg/src/worker/worker.js';

test('whoever joins a copy of the program that has just broken off is told at once, as are those that it served', async () => {
  const told: string[] = [];
  const portOf = (name: string) => ({ onmessage: null, postMessage: (reply: Reply) => void told.push(`${name} ${reply.type}`) });
  serve(portOf('before'));
  expect(isBroken()).toBe(false);
  // A future of the core that panics.
  poll(() => {
    throw new WebAssembly.RuntimeError('unreachable');
  });
  await Promise.resolve();
  expect(isBroken()).toBe(true);
  serve(portOf('after'));
  expect(told).toEqual(['before lost', 'after lost']);
});

import { expect, test } from '@playwright/test';
import { queueMicrotask as poll } from '../../../pkg/src/worker/panics.js';
import type { Reply } from '../../../pkg/src/worker/protocol.js';
import { isBroken, serve } from '../../../pkg/src/worker/worker.js';

test('a worker that has panicked tells its present clients and every later one that it is lost', async () => {
  const replies: string[] = [];
  const portOf = (name: string) => ({ onmessage: null, postMessage: (reply: Reply) => void replies.push(`${name} ${reply.type}`) });
  serve(portOf('before'));
  expect(isBroken()).toBe(false);
  // Stands for a future of the core that panics.
  poll(() => {
    throw new WebAssembly.RuntimeError('unreachable');
  });
  await Promise.resolve();
  expect(isBroken()).toBe(true);
  serve(portOf('after'));
  expect(replies).toEqual(['before lost', 'after lost']);
});

/**
 * What `import 'tonearm'` resolves to in Node: the same names as in browsers, with the classes for Node.
 *
 * @module tonearm/index-node
 */
import { node } from './runtime/node-platform.js';
import { TrainingClient as BrowserTrainingClient } from './training-client.js';
import type { AssetOptions } from './types.js';

export * from './index.js';
// This takes precedence over the `Engine` of the line above, as does the class below.
export { Engine } from './node.js';

/**
 * The training client for Node. It runs on the CPU and on the calling thread, and decodes only wav files. Strings and
 * URLs name local files. Call `close()`, or the Node process does not exit.
 */
export class TrainingClient extends BrowserTrainingClient {
  constructor(options: AssetOptions = {}) {
    super(options, node);
  }
}

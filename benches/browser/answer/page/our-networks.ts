import type { WasmClassifier, WasmModule } from '../../../../pkg/src/worker/wasm.js';
import type { Begun, Tasks } from './tasks.js';

/** Networks that are shipped; the last is the default. */
const NETWORKS = ['cnn', 'rnn', 'fusion'];

/** Starts a module and builds the networks in it. */
export async function start(folder: string, name: string): Promise<{ module: WasmModule; networks: Map<string, WasmClassifier> }> {
  const module: WasmModule = await import(/* @vite-ignore */ `${folder}${name}/tonearm_web.js`);
  const bytes = await fetch(`${folder}${name}/tonearm_web_bg.wasm`);
  await module.default({ module_or_path: await WebAssembly.compileStreaming(bytes) });
  const runtime = await module.Runtime.start();
  const networks = new Map<string, WasmClassifier>();
  for (const network of NETWORKS) {
    const weights = await (await fetch(`${folder}weights/${network}.bpk`)).arrayBuffer();
    networks.set(network, await runtime.classifier(new Uint8Array(weights)));
  }
  return { module, networks };
}

/** Windows through each network, as many as it answers at once: silence, which costs what music does. */
export async function windows(
  networks: Map<string, WasmClassifier>,
): Promise<Pick<Required<Begun>, 'parameters' | 'windows'> & { tasks: Tasks }> {
  const all = [...networks];
  const windows: Record<string, number> = {};
  for (const [name, network] of all) windows[name] = await network.warm_up();
  return {
    windows,
    tasks: Object.fromEntries(all.map(([name, network]) => [name, () => network.warm_up()])),
    parameters: Object.fromEntries(all.map(([name, network]) => [name, network.card.card.n_parameters])),
  };
}

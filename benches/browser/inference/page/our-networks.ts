import type { WasmClassifier, WasmModule } from '../../../../pkg/src/worker/wasm.js';
import type { Tasks, WorkerInfo } from './tasks.js';

/** The shipped networks for audio. */
const NETWORKS = ['cnn', 'rnn', 'fusion'];

/** Starts a module and loads the networks. */
export async function start(folder: string, name: string): Promise<{ module: WasmModule; networks: Map<string, WasmClassifier> }> {
  const module: WasmModule = await import(/* @vite-ignore */ `${folder}${name}/tonearm_web.js`);
  const bytes = await fetch(`${folder}${name}/tonearm_web_bg.wasm`);
  const exports = await module.default({ module_or_path: await WebAssembly.compileStreaming(bytes) });
  exports.__wasm_call_ctors?.();
  const runtime = await module.Runtime.start();
  const networks = new Map<string, WasmClassifier>();
  for (const network of NETWORKS) {
    const weights = await (await fetch(`${folder}weights/${network}.bpk`)).arrayBuffer();
    networks.set(network, await runtime.classifier(new Uint8Array(weights)));
  }
  return { module, networks };
}

/** Tasks that run one batch of silence through each network, which takes as long as music. */
export async function windows(
  networks: Map<string, WasmClassifier>,
): Promise<Pick<Required<WorkerInfo>, 'parameters' | 'windows'> & { tasks: Tasks }> {
  const all = [...networks];
  const windows: Record<string, number> = {};
  for (const [name, network] of all) windows[name] = await network.warmUp();
  return {
    windows,
    tasks: Object.fromEntries(all.map(([name, network]) => [name, () => network.warmUp()])),
    parameters: Object.fromEntries(all.map(([name, network]) => [name, network.metadata.modelCard.nParameters])),
  };
}

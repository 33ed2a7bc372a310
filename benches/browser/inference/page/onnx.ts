import * as ort from 'onnxruntime-web/wasm';
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { SHAPES, type Tasks, serve } from './tasks.js';

serve(async ({ folder }) => {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { wasm: new URL(wasm, self.location.href).href };
  const tasks: Tasks = {};
  const parameters: Record<string, number> = {};
  for (const [name, shape] of Object.entries(SHAPES)) {
    const model = await ort.InferenceSession.create(`${folder}onnx/${name}.onnx`, { executionProviders: ['wasm'] });
    const input = new ort.Tensor('float32', new Float32Array(shape.reduce<number>((a, b) => a * b, 1)), [...shape]);
    tasks[name] = () => model.run({ rows: input });
    parameters[name] = (await (await fetch(`${folder}onnx/${name}.json`)).json()).parameters;
  }
  return { tasks, parameters };
});

import { type GpuCalls, callsOf, startCounting } from './gpu-calls.js';
import { start, windows } from './our-networks.js';
import { serve } from './tasks.js';

serve(async ({ folder }) => {
  startCounting();
  const { networks } = await start(folder, 'webgpu');
  const info = await windows(networks);
  const gpuCalls: Record<string, GpuCalls> = {};
  for (const [name, network] of networks) gpuCalls[name] = await callsOf(() => network.warmUp());
  return { ...info, gpuCalls };
});

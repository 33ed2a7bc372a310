import { type Asked, askedFor, countAll } from './asked.js';
import { start, windows } from './our-networks.js';
import { serve } from './tasks.js';

serve(async ({ folder }) => {
  countAll();
  const { networks } = await start(folder, 'webgpu');
  const begun = await windows(networks);
  const asked: Record<string, Asked> = {};
  for (const [name, network] of networks) asked[name] = await askedFor(() => network.warm_up());
  return { ...begun, asked };
});

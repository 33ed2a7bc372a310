import { start, windows } from './our-networks.js';
import { serve } from './tasks.js';

serve(async ({ folder }) => windows((await start(folder, 'webgpu')).networks));

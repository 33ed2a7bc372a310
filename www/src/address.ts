import type { BackendChoice } from 'tonearm';

/** `?backend=cpu` or `?backend=webgpu` in the address settles what computes. */
export function backendInAddress(): BackendChoice {
  const asked = new URLSearchParams(location.search).get('backend');
  return asked === 'cpu' || asked === 'webgpu' ? asked : 'auto';
}

import { type BackendChoice, NETWORKS, type NetworkName } from 'tonearm';

/** `?backend=cpu` or `?backend=webgpu` in the address settles what computes. */
export function backendInAddress(): BackendChoice {
  const asked = new URLSearchParams(location.search).get('backend');
  return asked === 'cpu' || asked === 'webgpu' ? asked : 'auto';
}

/** `?network=cnn` in the address settles which network answers. */
export function networkInAddress(): NetworkName {
  const asked = new URLSearchParams(location.search).get('network');
  return NETWORKS.find((name) => name === asked) ?? 'fusion';
}

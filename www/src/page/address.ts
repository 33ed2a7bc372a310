import { type BackendChoice, NETWORKS, type NetworkName } from 'tonearm';

/** The backend that `?backend=cpu` or `?backend=webgpu` in the page's address selects; `auto` without it. */
export function backendInAddress(): BackendChoice {
  const value = new URLSearchParams(location.search).get('backend');
  return value === 'cpu' || value === 'webgpu' ? value : 'auto';
}

/** The network that `?network=cnn` and the like select in the page's address; `fusion` without it. */
export function networkInAddress(): NetworkName {
  const value = new URLSearchParams(location.search).get('network');
  return NETWORKS.find((name) => name === value) ?? 'fusion';
}

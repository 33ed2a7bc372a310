/** Longest wait for a GPU adapter, in milliseconds. */
const ADAPTER_TIMEOUT_MS = 10_000;

/** Whether the page can use a GPU. Returns `false` if the request for an adapter fails or times out. */
export async function hasAdapter(): Promise<boolean> {
  // Despite its type, it is undefined in insecure contexts and in browsers without WebGPU.
  // Node 20 has no `navigator`.
  const gpu = globalThis.navigator?.gpu as GPU | undefined;
  if (!gpu) return false;
  const timeout = new Promise<null>((resolve) => setTimeout(resolve, ADAPTER_TIMEOUT_MS, null));
  try {
    return (await Promise.race([gpu.requestAdapter(), timeout])) !== null;
  } catch {
    return false;
  }
}

/**
 * Calls back when a GPU device that this worker requests later is lost or reports an uncaptured error.
 *
 * The wasm module does not expose its device, and may respond to a lost device with a promise that never settles or
 * with zeros. This function therefore wraps `GPUAdapter.requestDevice`.
 */
export function onDeviceLost(callback: () => void) {
  const prototype = (globalThis as { GPUAdapter?: { prototype: GPUAdapter } }).GPUAdapter?.prototype;
  if (!prototype) return;
  const requestDevice = prototype.requestDevice;
  prototype.requestDevice = async function (this: GPUAdapter, descriptor?: GPUDeviceDescriptor) {
    const device = await requestDevice.call(this, descriptor);
    void device.lost.then(callback);
    device.addEventListener('uncapturederror', callback);
    return device;
  };
}

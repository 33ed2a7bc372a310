/** Longest wait for the browser to say whether there is an adapter, in milliseconds. */
const ADAPTER_PATIENCE = 10_000;

/** Whether the page may use a graphics card. Asking can fail, and can hang: both are a no. */
export async function hasAdapter(): Promise<boolean> {
  // Absent in insecure contexts and in browsers without WebGPU, whatever the types say.
  const gpu = navigator.gpu as GPU | undefined;
  if (!gpu) return false;
  const patience = new Promise<null>((resolve) => setTimeout(resolve, ADAPTER_PATIENCE, null));
  try {
    return (await Promise.race([gpu.requestAdapter(), patience])) !== null;
  } catch {
    return false;
  }
}

/**
 * Calls back when a device that this worker opens from now on is lost or reports an error that
 * nobody handles. The module inside the wasm keeps its device to itself, and a lost device may
 * show there as a promise that never settles or as zeros; hence the look over its shoulder.
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

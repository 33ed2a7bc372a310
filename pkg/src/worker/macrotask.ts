/**
 * Waits for a macrotask, so that pending messages are handled. The futures of the core settle in microtasks: without
 * this call, a busy worker would never receive a `cancel` message, and a page without workers would never paint.
 */
export function macrotask(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/**
 * Lets messages in. The futures of the core settle in microtasks, so without this a worker
 * that is busy never hears that it is to stop, and a page without workers never paints.
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

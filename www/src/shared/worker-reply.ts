/** The first message of a worker, sent when its script has loaded. */
export const READY = 'ready';

/** Makes this worker reply to the requests of a `WorkerQueue`. `transfer` lists the parts of a reply that are transferred instead of copied. */
export function replyWith<Request, Reply>(handle: (request: Request) => Promise<Reply>, transfer: (reply: Reply) => Transferable[] = () => []) {
  self.onmessage = async ({ data }: MessageEvent<Request>) => {
    const reply = await handle(data);
    self.postMessage(reply, { transfer: transfer(reply) });
  };
  // Rethrown as an uncaught error, which fires `error` on the worker in the page; a rejection would not.
  self.onunhandledrejection = ({ reason }) => {
    throw reason;
  };
  self.postMessage(READY);
}

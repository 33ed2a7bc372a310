/** The first message of a worker, which tells that its script has been loaded. */
export const READY = 'ready';

/** Answers what `Asked` asks, as the worker; `given` lists what of an answer is handed over. */
export function answering<Question, Answer>(answer: (question: Question) => Promise<Answer>, given: (answer: Answer) => Transferable[] = () => []) {
  self.onmessage = async ({ data }: MessageEvent<Question>) => {
    const said = await answer(data);
    self.postMessage(said, { transfer: given(said) });
  };
  // What nobody foresaw reaches the page as an error of the worker.
  self.onunhandledrejection = ({ reason }) => {
    throw reason;
  };
  self.postMessage(READY);
}

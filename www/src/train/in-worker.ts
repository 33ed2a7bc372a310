/**
 * Has a worker of its own answer one question.
 *
 * Rejects if it cannot be loaded or breaks off.
 */
export async function inWorker<Answer>(address: string, question: unknown): Promise<Answer> {
  const worker = new Worker(address, { type: 'module' });
  try {
    return await new Promise<Answer>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
      worker.onmessageerror = () => reject(new Error('the answer could not be handed over'));
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(question);
    });
  } finally {
    worker.terminate();
  }
}

/** Answers the question of {@link inWorker}, as the worker; `given` lists what of the answer is handed over. */
export function answering<Question, Answer>(answer: (question: Question) => Promise<Answer>, given: (answer: Answer) => Transferable[] = () => []) {
  self.onmessage = async ({ data }: MessageEvent<Question>) => {
    const said = await answer(data);
    self.postMessage(said, { transfer: given(said) });
  };
  // What nobody foresaw reaches the page as an error of the worker.
  self.onunhandledrejection = ({ reason }) => {
    throw reason;
  };
}

/** Milliseconds after which a worker that nobody asks is let go. */
const IDLE = 5000;

/** A worker that is asked one thing after the other: started when it is asked, and let go when nobody has for a while. */
export class Asked<Question, Answer> {
  readonly #address: string;
  #worker: Worker | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  /** What it was asked last. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(address: string) {
    this.#address = address;
  }

  /**
   * Has the worker answer, when it has answered what it was asked before.
   *
   * Rejects if it cannot be loaded or breaks off; the next question goes to another.
   */
  ask(question: Question): Promise<Answer> {
    const answer = this.#turn.then(() => this.#ask(question));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async #ask(question: Question): Promise<Answer> {
    clearTimeout(this.#idle);
    try {
      const worker = (this.#worker ??= new Worker(this.#address, { type: 'module' }));
      const answer = await new Promise<Answer>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
        worker.onmessageerror = () => reject(new Error('the answer could not be handed over'));
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(question);
      });
      this.#idle = setTimeout(() => this.end(), IDLE);
      return answer;
    } catch (thrown) {
      this.end();
      throw thrown;
    }
  }

  /** Lets the worker go; asked again, it is started anew. */
  end() {
    clearTimeout(this.#idle);
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}

/** Answers what {@link Asked} asks, as the worker; `given` lists what of an answer is handed over. */
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

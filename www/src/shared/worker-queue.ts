import { startWithDeadline } from 'tonearm';
import { READY } from './worker-reply.js';

/** Milliseconds after which a worker that nobody asks is let go. */
const IDLE = 5000;

/** A worker that is asked one thing after the other: started when it is asked, and let go when nobody has for a while. */
export class Asked<Question, Answer> {
  readonly #address: string;
  #worker: Worker | undefined;
  /** Whether the script of the worker has been loaded. */
  #ready = false;
  #idle: ReturnType<typeof setTimeout> | undefined;
  /** What it was asked last. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(address: string) {
    this.#address = address;
  }

  /**
   * Has the worker answer, when it has answered what it was asked before.
   *
   * Rejects if it cannot be loaded, with `Stalled` if its download stalls, or breaks off; the next question goes to another.
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
      let setReady = () => {};
      const started = new Promise<void>((resolve) => (setReady = resolve));
      const answered = new Promise<Answer>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<Answer | typeof READY>) => (data === READY ? setReady() : resolve(data as Answer));
        worker.onmessageerror = () => reject(new Error('the answer could not be handed over'));
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(question);
      });
      if (!this.#ready) await startWithDeadline(this.#address, Promise.race([started, answered]));
      this.#ready = true;
      const answer = await answered;
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
    this.#ready = false;
  }
}

/** Samples per message to the page, which gives about twenty messages per second. */
const BLOCK = 2048;

// TypeScript's DOM library does not declare the global scope of audio worklets.
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** Mixes the input to mono and sends it to the page in blocks. */
class Capture extends AudioWorkletProcessor {
  #block = new Float32Array(BLOCK);
  #filled = 0;

  process([channels]: Float32Array[][]): boolean {
    const [first, ...rest] = channels ?? [];
    for (let i = 0; first && i < first.length; i++) {
      let sum = first[i] ?? 0;
      for (const channel of rest) sum += channel[i] ?? 0;
      this.#block[this.#filled++] = sum / (rest.length + 1);
      if (this.#filled === BLOCK) this.#send();
    }
    return true;
  }

  #send() {
    this.port.postMessage(this.#block, [this.#block.buffer]);
    this.#block = new Float32Array(BLOCK);
    this.#filled = 0;
  }
}

registerProcessor('capture', Capture);

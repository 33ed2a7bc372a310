/** What a graphics card is asked to do. */
export interface Asked {
  dispatches: number;
  submissions: number;
  readBacks: number;
  /** Bytes that go to it, and that come back. */
  written: number;
  read: number;
}

const NOTHING: Asked = { dispatches: 0, submissions: 0, readBacks: 0, written: 0, read: 0 };

let asked = { ...NOTHING };

/** Counts from now on all that WebGPU is asked for in this worker; to be called before it is started. */
export function countAll() {
  before(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', () => asked.dispatches++);
  before(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', () => asked.dispatches++);
  before(GPUQueue.prototype, 'submit', () => asked.submissions++);
  before(GPUQueue.prototype, 'writeBuffer', ([, , data, start = 0, size]) => {
    asked.written += (size as number | undefined) ?? (data as ArrayBufferView).byteLength - (start as number);
  });
  before(GPUBuffer.prototype, 'mapAsync', ([mode, offset = 0, size], buffer) => {
    if (((mode as number) & GPUMapMode.READ) === 0) return;
    asked.readBacks++;
    asked.read += (size as number | undefined) ?? (buffer as GPUBuffer).size - (offset as number);
  });
}

/** Does something and tells what was asked for it. */
export async function askedFor(task: () => Promise<unknown>): Promise<Asked> {
  asked = { ...NOTHING };
  await task();
  return asked;
}

/** Has `look` see what each call of a method is given, and whose method it is. */
function before(prototype: object, name: string, look: (given: unknown[], self: unknown) => void) {
  const methods = prototype as Record<string, (...given: unknown[]) => unknown>;
  const method = methods[name]!;
  methods[name] = function (this: unknown, ...given) {
    look(given, this);
    return method.apply(this, given);
  };
}

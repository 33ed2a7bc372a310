/** WebGPU calls and the data that they transfer. */
export interface GpuCalls {
  dispatches: number;
  submissions: number;
  readBacks: number;
  /** Bytes that are written to the GPU and read back from it. */
  written: number;
  read: number;
}

const NO_CALLS: GpuCalls = { dispatches: 0, submissions: 0, readBacks: 0, written: 0, read: 0 };

let calls = { ...NO_CALLS };

/** Starts counting all WebGPU calls in this worker. Has to be called before WebGPU is used. */
export function startCounting() {
  before(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', () => calls.dispatches++);
  before(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', () => calls.dispatches++);
  before(GPUQueue.prototype, 'submit', () => calls.submissions++);
  before(GPUQueue.prototype, 'writeBuffer', ([, , data, start = 0, size]) => {
    calls.written += (size as number | undefined) ?? (data as ArrayBufferView).byteLength - (start as number);
  });
  before(GPUBuffer.prototype, 'mapAsync', ([mode, offset = 0, size], buffer) => {
    if (((mode as number) & GPUMapMode.READ) === 0) return;
    calls.readBacks++;
    calls.read += (size as number | undefined) ?? (buffer as GPUBuffer).size - (offset as number);
  });
}

/** Runs a task and returns the calls that it made. */
export async function callsOf(task: () => Promise<unknown>): Promise<GpuCalls> {
  calls = { ...NO_CALLS };
  await task();
  return calls;
}

/** Calls `observe` with the arguments and `this` of each call of a method. */
function before(prototype: object, name: string, observe: (args: unknown[], self: unknown) => void) {
  const methods = prototype as Record<string, (...args: unknown[]) => unknown>;
  const method = methods[name]!;
  methods[name] = function (this: unknown, ...args) {
    observe(args, this);
    return method.apply(this, args);
  };
}

/** Settings that {@link armPanics} reads, as the global variable `core`. */
export interface Core {
  /** Number of panics from now on, one for each analysis. */
  panics: number;
  /** Whether to panic in a future, whose promise then never settles, or in a call. */
  within: 'future' | 'call';
  /** Number of instances that were created. */
  instances: number;
}

/** Makes instances of the core trap according to {@link Core}. Has to run before the core is loaded, in a page or in Node. */
export function armPanics() {
  const core: Core = { panics: 0, within: 'future', instances: 0 };
  Object.assign(globalThis, { core });
  const { instantiate } = WebAssembly;
  let polling = false;

  function trap() {
    core.panics--;
    throw new WebAssembly.RuntimeError('unreachable');
  }

  async function trapping(module: WebAssembly.Module, imports: WebAssembly.Imports) {
    core.instances++;
    const wrapped: WebAssembly.Imports = {};
    for (const [name, functions] of Object.entries(imports)) {
      wrapped[name] = {};
      for (const [key, value] of Object.entries(functions)) {
        wrapped[name][key] = (...args: unknown[]) => {
          if (polling && core.panics > 0 && core.within === 'future') {
            polling = false;
            trap();
          }
          return (value as (...args: unknown[]) => unknown)(...args);
        };
      }
    }
    const instance = await instantiate(module, wrapped);
    const { analysis_step: step, analysis_peaks: peaks } = instance.exports as Record<string, (...args: unknown[]) => unknown>;
    const exports = {
      ...instance.exports,
      analysis_step: (...args: unknown[]) => {
        const promise = step!(...args);
        polling = true;
        return promise;
      },
      analysis_peaks: (...args: unknown[]) => {
        if (core.panics > 0 && core.within === 'call') trap();
        return peaks!(...args);
      },
    };
    return Object.defineProperty(instance, 'exports', { value: exports });
  }
  Object.assign(WebAssembly, { instantiate: trapping });
}

const start = async () => { throw new Error("this build has no WebGPU; run `cargo xtask build` without --quick"); };
export default start;
export const Runtime = { start };

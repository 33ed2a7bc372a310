/** Text of a style sheet, inlined by Vite. */
declare module '*.css?inline' {
  const text: string;
  export default text;
}

/** URL of a script that Vite bundles separately. */
declare module '*?worker&url' {
  const address: string;
  export default address;
}

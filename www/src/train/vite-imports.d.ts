/** A style sheet as text, which Vite makes of it. */
declare module '*.css?inline' {
  const text: string;
  export default text;
}

/** The address of a script of its own, which Vite builds. */
declare module '*?worker&url' {
  const address: string;
  export default address;
}

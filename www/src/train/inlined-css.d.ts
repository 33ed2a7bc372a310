/** A style sheet as text, which Vite makes of it. */
declare module '*.css?inline' {
  const text: string;
  export default text;
}

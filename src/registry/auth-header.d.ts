/** Types of the used part of auth-header 1.0.0, which has no types. */
declare module 'auth-header' {
  /** Parses one `WWW-Authenticate` value. Throws if it is malformed. */
  export function parse(header: string): {
    readonly scheme: string;
    readonly params: Readonly<Record<string, string | readonly string[]>>;
  };
  /** Node and the bundle always have the default export of a CommonJS module; a loader that converts it to ESM does not. */
  const exported: { readonly parse: typeof parse } | undefined;
  export default exported;
}

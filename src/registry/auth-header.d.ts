/** What is used of auth-header 1.0.0, which brings no types of its own. */
declare module 'auth-header' {
  /** Reads one `WWW-Authenticate` value. Throws where it is not well formed. */
  export function parse(header: string): {
    readonly scheme: string;
    readonly params: Readonly<Record<string, string | readonly string[]>>;
  };
  /** All that a bundle, and Node itself, surely has of a CommonJS module; a loader that turns it into ESM has none. */
  const exported: { readonly parse: typeof parse } | undefined;
  export default exported;
}

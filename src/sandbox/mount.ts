/** What is mounted in addition to the root and the files of the kernel. */
export type SandboxMount =
  /** A file or directory of the host. The path is resolved already, and never comes from an image. */
  | { readonly kind: 'bind'; readonly source: string; readonly target: string; readonly readonly: boolean }
  /** A path inside a stack of directories, topmost first. Writes go to `upper` (which the caller removes), or are refused. */
  | {
      readonly kind: 'tree';
      readonly lowers: readonly string[];
      readonly subpath: string;
      readonly target: string;
      readonly writable: { readonly upper: string; readonly work: string } | undefined;
    }
  | { readonly kind: 'tmpfs'; readonly target: string; readonly size: number | undefined; readonly mode: number };

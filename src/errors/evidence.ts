/** What can be known of a failure besides its text: a closed set of members for each code. Pure data, it can be sent. */

/** A part of a text: lines and columns from 1, offsets from 0 in UTF-16 units; the end is exclusive. */
export interface SourceRange {
  readonly start: SourcePosition;
  readonly end: SourcePosition;
}

interface SourcePosition {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** A file of the author's, as it is shown in code frames. */
export interface SourceText {
  /** As messages call it. */
  readonly name: string;
  readonly text: string;
}

/** Where an instruction stands. `file` is added by whoever has read it; `step` is its name, for people. */
export interface Place {
  readonly range: SourceRange;
  readonly step?: string;
  readonly file?: SourceText;
}

/** Something that is wrong in a build file or ignore file. `Diagnostic` (src/instructions) is one. */
export interface Finding {
  readonly severity: 'error' | 'warning' | 'info' | 'style';
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly range: SourceRange;
}

type Digest = `sha256:${string}`;

/** Something of the store that did not prove to be what it was when it was written, or may not be. */
export type Suspect =
  | { readonly kind: 'blob'; readonly digest: Digest }
  /** Something of this layer: its blob, its uncompressed form, its listing. `blob` is the one that was read. */
  | { readonly kind: 'layer'; readonly diffId: Digest; readonly blob?: Digest }
  /** The unpacked form of a chain. */
  | { readonly kind: 'unpacked'; readonly chain: Digest };

/** What a server answered. */
export interface ServerEvidence {
  /** The HTTP status. */
  readonly status: number;
  /** Trying again may help. */
  readonly temporary: boolean;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfter?: number | undefined;
  /** Codes of the distribution spec, such as `MANIFEST_UNKNOWN`. */
  readonly faults?: readonly string[];
}

/** Why a server could not be reached. */
export interface NetworkEvidence {
  /** The system's or TLS's code, such as `ECONNRESET`. */
  readonly systemCode?: string;
  readonly temporary?: boolean;
  /** Of a web server that answered, but not with what was asked for. */
  readonly status?: number;
  /** Milliseconds that it asked to wait. */
  readonly retryAfter?: number | undefined;
  /** What a program that was asked to fetch said, without credentials. */
  readonly stderr?: string;
}

/** How a step's process ended, and the last of what it said. */
export interface StepEvidence {
  /** The exit code; with a signal, 128 and its number. */
  readonly exitCode?: number;
  readonly signal?: string | undefined;
  /** The last lines of its output. */
  readonly tail?: readonly string[];
  /** The file that has all of its output. */
  readonly log?: string | undefined;
}

/** Bytes or types that are not the expected ones. */
export interface MismatchEvidence {
  readonly expected?: string | number;
  readonly found?: string | number;
  /** The bytes came in part: trying again may help. */
  readonly temporary?: boolean;
}

/** Every way mkimage can fail, with what is known then. The exit code follows from it (src/cli/exit-code.ts). */
export interface Evidence {
  /** A flag or argument is wrong. */
  readonly usage: undefined;
  /** The build file, or an ignore file, has errors. */
  readonly 'build-file': { readonly file: SourceText; readonly diagnostics: readonly Finding[] };
  /** Images that the build file names cannot be resolved. */
  readonly 'base-unavailable': { readonly file: SourceText; readonly diagnostics: readonly Finding[] };
  /** A file, stage, image or container that was named does not exist; `status` if a server said so. */
  readonly 'not-found': ServerEvidence;
  /** A source of COPY or ADD is not in its root. */
  readonly 'source-missing': undefined;
  /** A RUN ended with a non-zero status or a signal; or a COPY cannot put its files there. */
  readonly 'step-failed': StepEvidence;
  /** A step could not be started, or the isolation asked for is not available. */
  readonly sandbox: undefined;
  /** A registry or web server refused, or gave a wrong answer. */
  readonly registry: ServerEvidence;
  /** The network could not be reached. */
  readonly network: NetworkEvidence;
  /** Bytes do not match their digest, size or declared type. */
  readonly integrity: MismatchEvidence;
  /** An image reference or digest is not well formed. */
  readonly 'invalid-reference': undefined;
  /** A tar, layout or image is malformed or hostile; `missing` is the digest of what it should hold. */
  readonly 'invalid-archive': { readonly missing: string };
  /** A bound on size, count or ratio was passed; `variable` raises it. */
  readonly limit: { readonly limit: number; readonly variable: string };
  /** The store cannot be read or written (disk full, permissions). */
  readonly store: undefined;
  /** What should be removed is still needed. */
  readonly 'in-use': undefined;
  /** Understood, but cannot be done on this machine. */
  readonly unsupported: undefined;
  /** The caller's signal fired. */
  readonly cancelled: undefined;
  /** A fault of the program. */
  readonly internal: undefined;
}

/** Every way mkimage can fail, as a literal. */
export type ErrorCode = keyof Evidence;

/** The facts about a failure in addition to its message: a closed set of members for each code. Plain data, can be serialised. */

/** A range of a text: lines and columns start at 1, offsets (UTF-16 units) at 0; the end is exclusive. */
export interface SourceRange {
  readonly start: SourcePosition;
  readonly end: SourcePosition;
}

interface SourcePosition {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** A file of the user, as shown in code frames. */
export interface SourceText {
  /** The name in messages. */
  readonly name: string;
  readonly text: string;
}

/** The position of an instruction. The reader of the file adds `file`; `step` is the displayed name of the step. */
export interface Place {
  readonly range: SourceRange;
  readonly step?: string;
  readonly file?: SourceText;
}

/** A fault in a build file or ignore file. `Diagnostic` (src/instructions) is a subtype. */
export interface Finding {
  readonly severity: 'error' | 'warning' | 'info' | 'style';
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly range: SourceRange;
}

type Digest = `sha256:${string}`;

/** A part of the store that is, or may be, damaged. */
export type Suspect =
  | { readonly kind: 'blob'; readonly digest: Digest }
  /** A part of this layer: its blob, its uncompressed form or its listing. `blob` is the blob that was read. */
  | { readonly kind: 'layer'; readonly diffId: Digest; readonly blob?: Digest }
  /** A layer of a cache that cannot be fetched. The caller has reported why. */
  | { readonly kind: 'remote-layer'; readonly diffId: Digest }
  /** The unpacked form of a chain. */
  | { readonly kind: 'unpacked'; readonly chain: Digest };

/** The error answer of a server. */
export interface ServerEvidence {
  /** The HTTP status. */
  readonly status: number;
  /** True if a retry may help. */
  readonly temporary: boolean;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfter?: number | undefined;
  /** Error codes of the distribution spec, such as `MANIFEST_UNKNOWN`. */
  readonly faults?: readonly string[];
  /** Digests that the answer names, such as those of missing blobs. */
  readonly digests?: readonly string[];
}

/** Why a server could not be reached. */
export interface NetworkEvidence {
  /** The system's or TLS's code, such as `ECONNRESET`. */
  readonly systemCode?: string;
  readonly temporary?: boolean;
  /** The status of a web server that answered with an error. */
  readonly status?: number;
  /** Milliseconds that the server asked to wait, from `Retry-After`. */
  readonly retryAfter?: number | undefined;
  /** The output of a program that fetches, without credentials. */
  readonly stderr?: string;
}

/** How the process of a step ended, and its last output. */
export interface StepEvidence {
  /** The exit code; after a signal, 128 plus its number. */
  readonly exitCode?: number;
  readonly signal?: string | undefined;
  /** The last lines of its output. */
  readonly tail?: readonly string[];
  /** The file with its whole output. */
  readonly log?: string | undefined;
}

/** Bytes or types that differ from the expected ones. */
export interface MismatchEvidence {
  readonly expected?: string | number;
  readonly found?: string | number;
  /** True if the bytes were incomplete and a retry may help. */
  readonly temporary?: boolean;
}

/** All error codes with their evidence. src/cli/exit-code.ts maps them to exit codes. */
export interface Evidence {
  /** A flag or argument is invalid. */
  readonly usage: undefined;
  /** The build file, or an ignore file, has errors. */
  readonly 'build-file': { readonly file: SourceText; readonly diagnostics: readonly Finding[] };
  /** Images that the build file names cannot be resolved. */
  readonly 'base-unavailable': { readonly file: SourceText; readonly diagnostics: readonly Finding[] };
  /** A named file, stage, image or container does not exist; `status` if a server reported it. */
  readonly 'not-found': ServerEvidence;
  /** A source of COPY or ADD does not exist. */
  readonly 'source-missing': undefined;
  /** A RUN ended with a non-zero status or a signal, or a COPY cannot write to its destination. */
  readonly 'step-failed': StepEvidence;
  /** A step cannot be started, or the requested isolation is not available. */
  readonly sandbox: undefined;
  /** A registry or web server refused a request or gave a wrong answer. */
  readonly registry: ServerEvidence;
  /** A server cannot be reached. */
  readonly network: NetworkEvidence;
  /** Bytes do not match their digest, size or declared type. */
  readonly integrity: MismatchEvidence;
  /** An image reference or digest is malformed. */
  readonly 'invalid-reference': undefined;
  /** A tar, layout or image is malformed or hostile; `missing` is the digest of content that it should have. */
  readonly 'invalid-archive': { readonly missing: string };
  /** A limit on size, count or ratio was exceeded; the environment variable `variable` changes it. */
  readonly limit: { readonly limit: number; readonly variable: string };
  /** The store cannot be read or written (disk full, permissions). */
  readonly store: undefined;
  /** The object to remove is still needed. */
  readonly 'in-use': undefined;
  /** Valid, but not possible on this machine. */
  readonly unsupported: undefined;
  /** A step that the caller expects in the cache is not there. */
  readonly 'not-cached': undefined;
  /** The caller aborted the call. */
  readonly cancelled: undefined;
  /** A bug in mkimage. */
  readonly internal: undefined;
}

/** All error codes, as a union of literals. */
export type ErrorCode = keyof Evidence;

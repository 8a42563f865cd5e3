/** Requests and results for build files that are not built: checks, lint, format, context. */
import type { Diagnostic } from '../instructions/index.ts';
import type { LintReport, LintSettings } from '../lint/index.ts';
import type { CheckJson, CheckResult, OutlineJson, TargetsJson } from '../plan/index.ts';
import type { BuildFileText, BuildRequest } from './build.ts';
import type { BuildFileInput } from './inputs.ts';

export type Question = 'check' | 'outline' | 'targets';

export interface AskRequest {
  readonly question: Question;
  readonly build: BuildRequest;
}

/** `json` is the answer of BuildKit's frontend to the same question. */
export type BuildFileAnswer = {
  readonly file: BuildFileText;
  /** Base images that are not in the store. Each is treated as an image that sets only PATH. */
  readonly unknownBases: readonly string[];
} & (
  | {
      readonly question: 'check';
      readonly json: CheckJson;
      readonly result: CheckResult;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly question: 'outline'; readonly json: OutlineJson }
  | { readonly question: 'targets'; readonly json: TargetsJson }
);

export interface LintRequest {
  readonly build: BuildRequest;
  /** Run the optional checks too. */
  readonly all: boolean;
  /** Apply the safe fixes (they cannot change the image) and write the build file. */
  readonly fix: boolean;
  /** A file with hadolint's settings; undefined: search where hadolint searches, and in the folder of the build file. */
  readonly config: string | undefined;
}

export interface LintAnswer {
  /** After fixes. */
  readonly file: BuildFileText;
  readonly unknownBases: readonly string[];
  readonly report: LintReport;
  /** How many fixes were applied. */
  readonly applied: number;
  /** How the settings, if there are any, configure the report. */
  readonly view: LintView | undefined;
}

export type LintView = Pick<LintSettings, 'failureThreshold' | 'noFail' | 'format' | 'noColor'>;

export interface FormatRequest {
  /** A path may also name a folder that contains a build file with one of the usual names. */
  readonly file: Exclude<BuildFileInput, { kind: 'http' }>;
  /** Write the new text to the file. Text from standard input is never written. */
  readonly write: boolean;
}

export interface FormattedFile {
  /** The name used in messages. */
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

export interface ContextRequest extends Pick<BuildRequest, 'context' | 'file' | 'namedContexts'> {
  /** '' is the main context. */
  readonly name: string;
  readonly ask:
    | /** All entries that a build can see, directories before their contents. */
    { readonly kind: 'seen' }
    /** The entries that an ignore file hides. A directory that is hidden completely is listed without its contents. */
    | { readonly kind: 'hidden' }
    /** For each of these paths: whether a build sees it. */
    | { readonly kind: 'verdicts'; readonly paths: readonly string[] };
}

export type ContextAnswer =
  | { readonly kind: 'seen'; readonly entries: readonly ContextEntry[] }
  | { readonly kind: 'hidden'; readonly hidden: readonly HiddenEntry[] }
  | { readonly kind: 'verdicts'; readonly verdicts: readonly (ContextEntry | HiddenEntry)[] };

export interface ContextEntry {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'fifo' | 'char' | 'block';
  /** Permission bits. */
  readonly mode: number;
  readonly size: number;
  /** Target of a symbolic link. */
  readonly linkname?: string;
}

export interface HiddenEntry {
  readonly entry: ContextEntry;
  /** The line of the ignore file that hides the entry. */
  readonly by: { readonly file: string; readonly line: number; readonly pattern: string };
}

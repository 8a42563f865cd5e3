/** What is said of build files without building them. */
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

/** `json` is the object that BuildKit's frontend answers with. */
export type BuildFileAnswer = {
  readonly file: BuildFileText;
  /** Bases that are not in the store: each counts as an image that sets nothing but PATH. */
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
  /** Checks that are made only by request, too. */
  readonly all: boolean;
  /** Apply the fixes that cannot change the image, and write the build file. */
  readonly fix: boolean;
  /** A file of hadolint's settings; undefined: where hadolint looks for one, and beside the build file. */
  readonly config: string | undefined;
}

export interface LintAnswer {
  /** After fixes. */
  readonly file: BuildFileText;
  readonly unknownBases: readonly string[];
  readonly report: LintReport;
  /** How many fixes were applied. */
  readonly applied: number;
  /** How the settings want the report to be shown, if there are any. */
  readonly view: LintView | undefined;
}

export type LintView = Pick<LintSettings, 'failureThreshold' | 'noFail' | 'format' | 'noColor'>;

export interface FormatRequest {
  /** A path may be that of a folder with a build file of one of the usual names. */
  readonly file: Exclude<BuildFileInput, { kind: 'http' }>;
  /** Put the new text in the place of the old one; what came from standard input has none. */
  readonly write: boolean;
}

export interface FormattedFile {
  /** As messages show it. */
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

export interface ContextRequest extends Pick<BuildRequest, 'context' | 'file' | 'namedContexts'> {
  /** '' is the main context. */
  readonly name: string;
  readonly ask:
    | /** All that a build can see, directories before their contents. */
    { readonly kind: 'seen' }
    /** What an ignore line hides. A directory that is hidden whole stands for what is in it. */
    | { readonly kind: 'hidden' }
    /** What becomes of each of these paths. */
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
  /** The line of an ignore file. */
  readonly by: { readonly file: string; readonly line: number; readonly pattern: string };
}

/**
 * The instruction IR: the content of the build file before variables are expanded. Plain JSON data, because it is stored between
 * builds: no classes, functions, Maps or undefined members. One union; the syntax tree is not visible outside of this folder.
 */

import type { ExpansionOperator, WordPart } from '#grammar';
import type { Diagnostic } from './diagnostic.ts';
import type { Range } from './text/range.ts';

export type { ExpansionOperator, WordPart };

export interface Word {
  /** As written, with quotes, without continuations. The value of a flag is without quotes and escapes. */
  readonly raw: string;
  readonly parts: readonly WordPart[];
  readonly range: Range;
}

export interface Heredoc {
  /** Delimiter without quotes. */
  readonly name: string;
  /** As written, with its quotes: `3<<-"EOF"`. */
  readonly mark: string;
  /** False if the delimiter is quoted: variables in the body are not expanded. */
  readonly expand: boolean;
  /** `<<-`: leading tabs are already removed from `content`. */
  readonly chomp: boolean;
  readonly fileDescriptor: number;
  /** The body. Each line ends with a line feed. */
  readonly content: string;
  /** The body as a word with literal quotes. Only for COPY and ADD, and only if `expand`. */
  readonly body?: Word;
  readonly range: Range;
}

interface InstructionBase {
  /** As written: `Run`, `RUN`. */
  readonly keyword: string;
  /** The whole instruction with continuations joined, without comments and heredoc bodies. BuildKit's `Original`. */
  readonly source: string;
  /** From the keyword to the end of the last line, heredoc bodies included. */
  readonly range: Range;
  /** Comment lines since the instruction before, without `#`. Empty lines between them make no difference. For descriptions and `# check=`. */
  readonly comments: readonly { readonly text: string; readonly range: Range }[];
}

export interface From extends InstructionBase {
  readonly kind: 'from';
  readonly image: Word;
  readonly platform?: Word;
  /** Stage name as written. Compare in lower case. */
  readonly as?: { readonly name: string; readonly keyword: string; readonly range: Range };
}
export interface ArgDeclaration {
  /** Without quotes. Variables are not expanded. */
  readonly name: string;
  /** The name as a word: BuildKit expands it inside a stage. */
  readonly key: Word;
  readonly value?: Word;
  readonly range: Range;
}
export interface Arg extends InstructionBase {
  readonly kind: 'arg';
  readonly args: readonly ArgDeclaration[];
}
export interface KeyValue {
  readonly key: Word;
  readonly value: Word;
  /** `ENV k v`: no equals sign. */
  readonly legacy: boolean;
}
export interface Env extends InstructionBase {
  readonly kind: 'env';
  readonly pairs: readonly KeyValue[];
}
export interface Label extends InstructionBase {
  readonly kind: 'label';
  readonly pairs: readonly KeyValue[];
}

/** Shell form is one text, exec form a JSON array. `invalidJson`: begins like JSON but is invalid, so it is shell form. */
export interface CommandLine {
  readonly form: 'shell' | 'exec';
  /** Shell form: exactly one member, the text (continuations joined). */
  readonly args: readonly string[];
  readonly invalidJson?: boolean;
  readonly range: Range;
}

/** One `key[=value]` of a comma-separated flag value such as `--mount`. Keys are in lower case. */
export interface FlagOption {
  readonly key: string;
  readonly value?: Word;
  readonly range: Range;
}
export interface MountFlag {
  readonly options: readonly FlagOption[];
  readonly range: Range;
}
/** `--device=vendor.com/kind[=name][,required]`. */
export interface RunDevice {
  readonly word: Word;
  /** True if the step fails without the device. */
  readonly required: boolean;
}

export interface Run extends InstructionBase {
  readonly kind: 'run';
  readonly command: CommandLine;
  readonly heredocs: readonly Heredoc[];
  readonly mounts: readonly MountFlag[];
  readonly network?: Word;
  readonly security?: Word;
  readonly devices: readonly RunDevice[];
}

export type CopySourceWord =
  | { readonly kind: 'path'; readonly word: Word }
  | { readonly kind: 'heredoc'; readonly heredoc: Heredoc };

interface CopyBase extends InstructionBase {
  readonly sources: readonly CopySourceWord[];
  readonly destination: Word;
  readonly chown?: Word;
  readonly chmod?: Word;
  readonly link?: boolean;
  readonly excludes: readonly Word[];
}
export interface Copy extends CopyBase {
  readonly kind: 'copy';
  readonly from?: Word;
  readonly parents?: boolean;
}
export interface Add extends CopyBase {
  readonly kind: 'add';
  readonly checksum?: Word;
  readonly keepGitDir?: boolean;
  readonly unpack?: boolean;
}

export interface Expose extends InstructionBase {
  readonly kind: 'expose';
  readonly ports: readonly Word[];
}
export interface Volume extends InstructionBase {
  readonly kind: 'volume';
  readonly paths: readonly Word[];
}
export interface Workdir extends InstructionBase {
  readonly kind: 'workdir';
  readonly path: Word;
}
export interface User extends InstructionBase {
  readonly kind: 'user';
  readonly user: Word;
}
export interface Cmd extends InstructionBase {
  readonly kind: 'cmd';
  readonly command: CommandLine;
}
export interface Entrypoint extends InstructionBase {
  readonly kind: 'entrypoint';
  readonly command: CommandLine;
}
export interface Shell extends InstructionBase {
  readonly kind: 'shell';
  readonly command: CommandLine;
}
export interface StopSignal extends InstructionBase {
  readonly kind: 'stopsignal';
  readonly signal: Word;
}
/** Durations are in nanoseconds. */
export interface Healthcheck extends InstructionBase {
  readonly kind: 'healthcheck';
  /** undefined for `HEALTHCHECK NONE`. */
  readonly command?: CommandLine;
  readonly interval?: number;
  readonly timeout?: number;
  readonly startPeriod?: number;
  readonly startInterval?: number;
  readonly retries?: number;
}
export interface Onbuild extends InstructionBase {
  readonly kind: 'onbuild';
  readonly trigger: Instruction;
  /** Text for `OnBuild` of the config, including heredoc bodies. */
  readonly text: string;
}
export interface Maintainer extends InstructionBase {
  readonly kind: 'maintainer';
  readonly name: string;
}

export type Instruction =
  | From
  | Arg
  | Env
  | Label
  | Run
  | Copy
  | Add
  | Expose
  | Volume
  | Workdir
  | User
  | Cmd
  | Entrypoint
  | Shell
  | StopSignal
  | Healthcheck
  | Onbuild
  | Maintainer;

export interface Directive {
  readonly name: 'syntax' | 'escape' | 'check';
  readonly value: string;
  readonly range: Range;
}

/** A whole build file. If there are errors, `instructions` contains all valid instructions. */
export interface BuildFile {
  readonly instructions: readonly Instruction[];
  readonly directives: readonly Directive[];
  readonly escape: '\\' | '`';
  /** Empty lines inside a continued instruction, for the check NoEmptyContinuation. */
  readonly emptyContinuations: readonly { readonly instruction: number; readonly range: Range }[];
  readonly diagnostics: readonly Diagnostic[];
}

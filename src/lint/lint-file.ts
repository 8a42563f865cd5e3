/** A build file prepared for checks: stages with their instructions, and every RUN parsed into shell commands. */
import { type BuildFile, createSourceMap, type Instruction, type Run, type SourceMap } from '../instructions/index.ts';
import { type StageSource, splitStages } from '../plan/index.ts';
import { type LintSettings, NO_SETTINGS } from './hadolint/settings.ts';
import { type RunScript, readScripts } from './run-script.ts';

export interface LintFile {
  readonly file: BuildFile;
  readonly source: SourceMap;
  readonly stages: readonly LintStage[];
  /** Names of the additional build contexts that the caller passes. */
  readonly contexts: ReadonlySet<string>;
  readonly settings: LintSettings;
}

export interface LintStage {
  readonly source: StageSource;
  /** The stage that this stage is based on (`FROM stage`). */
  readonly base: LintStage | undefined;
  /** A RUN inside an ONBUILD is included, at the position of the ONBUILD. */
  readonly runs: readonly LintRun[];
  /** Its layers are part of the final image: it is the last stage, or a base of the last stage. */
  readonly isKept: boolean;
}

export interface LintRun {
  readonly instruction: Run;
  /** Empty if the shell is not a Unix shell. */
  readonly scripts: readonly RunScript[];
  /** The shell for this RUN, in the form of the arguments of SHELL. */
  readonly shell: readonly string[];
}

const DEFAULT_SHELL = ['/bin/sh', '-c'];

interface LintFileOptions {
  readonly contexts?: readonly string[];
  readonly settings?: LintSettings;
}

export function createLintFile(
  file: BuildFile,
  text: string,
  { contexts = [], settings = NO_SETTINGS }: LintFileOptions = {},
): LintFile {
  const source = createSourceMap(text, file.escape);
  const stages: (LintStage & { isKept: boolean })[] = [];
  const byName = new Map<string, LintStage & { isKept: boolean }>();
  const shells = new Map<LintStage | undefined, readonly string[]>();
  for (const stage of splitStages(file).stages) {
    const base = byName.get(stage.from.image.raw);
    const inherited = readShellComment(stage.from) ?? shells.get(base) ?? DEFAULT_SHELL;
    const { runs, shell } = readRuns(stage, inherited, { source, escapeCharacter: file.escape });
    const made = { source: stage, base, runs, isKept: false };
    stages.push(made);
    shells.set(made, shell);
    if (stage.name !== undefined) byName.set(stage.name, made);
  }
  for (let kept = stages.at(-1); kept; kept = kept.base as typeof kept) kept.isKept = true;
  return { file, source, stages, contexts: new Set(contexts), settings };
}

function readRuns(
  stage: StageSource,
  inherited: readonly string[],
  { source, escapeCharacter }: { readonly source: SourceMap; readonly escapeCharacter: string },
) {
  const runs: LintRun[] = [];
  let shell = inherited;
  for (const instruction of listWithTriggers(stage.instructions)) {
    shell = readShellComment(instruction) ?? shell;
    if (instruction.kind === 'shell') shell = instruction.command.args;
    if (instruction.kind !== 'run') continue;
    const isUnix = isUnixShell(shell[0] ?? '') && escapeCharacter === '\\';
    runs.push({ instruction, shell, scripts: isUnix ? readScripts(instruction, source) : [] });
  }
  return { runs, shell };
}

/** Yields the instructions; an ONBUILD is replaced by the instruction that it contains. */
export function* listWithTriggers(instructions: readonly Instruction[]): Iterable<Instruction> {
  for (const instruction of instructions) {
    const { comments } = instruction;
    yield instruction.kind === 'onbuild' ? { ...instruction.trigger, comments } : instruction;
  }
}

/** `# hadolint shell=powershell` names the shell of the base image. The build file has no other way to state it. */
function readShellComment({ comments }: Pick<Instruction, 'comments'>): readonly string[] | undefined {
  const found = comments.flatMap(({ text }) => /^\s*hadolint\s+shell\s*=\s*(\S+)/.exec(text)?.[1] ?? []);
  return found.length === 0 ? undefined : [found.at(-1)!];
}

const UNIX_SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh', 'busybox']);

export function isUnixShell(program: string): boolean {
  return UNIX_SHELLS.has(program.slice(program.lastIndexOf('/') + 1));
}

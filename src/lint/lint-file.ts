/** A build file as checks look at it: stages with their instructions, and every RUN as commands of a shell. */
import { type BuildFile, createSourceMap, type Instruction, type Run, type SourceMap } from '../instructions/index.ts';
import { type StageSource, splitStages } from '../plan/index.ts';
import { type LintSettings, NO_SETTINGS } from './hadolint/settings.ts';
import { type RunScript, readScripts } from './run-script.ts';

export interface LintFile {
  readonly file: BuildFile;
  readonly source: SourceMap;
  readonly stages: readonly LintStage[];
  /** Names that stand for contexts which the caller gives. */
  readonly contexts: ReadonlySet<string>;
  readonly settings: LintSettings;
}

export interface LintStage {
  readonly source: StageSource;
  /** The stage that it is built on. */
  readonly base: LintStage | undefined;
  /** Triggers stand in the place of their ONBUILD. */
  readonly runs: readonly LintRun[];
  /** What it writes ends up in an image: it is the last stage, or one that the last one is built on. */
  readonly isKept: boolean;
}

export interface LintRun {
  readonly instruction: Run;
  /** Empty for a shell that is not one of Unix. */
  readonly scripts: readonly RunScript[];
  /** In force here, as SHELL names it. */
  readonly shell: readonly string[];
}

const DEFAULT_SHELL = ['/bin/sh', '-c'];

export function createLintFile(
  file: BuildFile,
  text: string,
  contexts: readonly string[] = [],
  settings: LintSettings = NO_SETTINGS,
): LintFile {
  const source = createSourceMap(text, file.escape);
  const stages: (LintStage & { isKept: boolean })[] = [];
  const byName = new Map<string, LintStage & { isKept: boolean }>();
  const shells = new Map<LintStage | undefined, readonly string[]>();
  for (const stage of splitStages(file).stages) {
    const base = byName.get(stage.from.image.raw);
    const inherited = shellInComments(stage.from) ?? shells.get(base) ?? DEFAULT_SHELL;
    const { runs, shell } = readRuns(stage, inherited, source, file.escape);
    const made = { source: stage, base, runs, isKept: false };
    stages.push(made);
    shells.set(made, shell);
    if (stage.name !== undefined) byName.set(stage.name, made);
  }
  for (let kept = stages.at(-1); kept; kept = kept.base as typeof kept) kept.isKept = true;
  return { file, source, stages, contexts: new Set(contexts), settings };
}

function readRuns(stage: StageSource, inherited: readonly string[], source: SourceMap, escapeCharacter: string) {
  const runs: LintRun[] = [];
  let shell = inherited;
  for (const instruction of withTriggers(stage.instructions)) {
    shell = shellInComments(instruction) ?? shell;
    if (instruction.kind === 'shell') shell = instruction.command.args;
    if (instruction.kind !== 'run') continue;
    const isUnix = isUnixShell(shell[0] ?? '') && escapeCharacter === '\\';
    runs.push({ instruction, shell, scripts: isUnix ? readScripts(instruction, source) : [] });
  }
  return { runs, shell };
}

/** Instructions, and what ONBUILD keeps for later as if it stood there itself. */
export function* withTriggers(instructions: readonly Instruction[]): Iterable<Instruction> {
  for (const instruction of instructions) {
    const { comments } = instruction;
    yield instruction.kind === 'onbuild' ? { ...instruction.trigger, comments } : instruction;
  }
}

/** `# hadolint shell=powershell`: what shell the base has, which nothing else in the file tells. */
function shellInComments({ comments }: Pick<Instruction, 'comments'>): readonly string[] | undefined {
  const found = comments.flatMap(({ text }) => /^\s*hadolint\s+shell\s*=\s*(\S+)/.exec(text)?.[1] ?? []);
  return found.length === 0 ? undefined : [found.at(-1)!];
}

const UNIX_SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh', 'busybox']);

export function isUnixShell(program: string): boolean {
  return UNIX_SHELLS.has(program.slice(program.lastIndexOf('/') + 1));
}

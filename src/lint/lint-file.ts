/** A build file as checks look at it: stages with their instructions, and every RUN as commands of a shell. */
import { type BuildFile, createSourceMap, type Run, type SourceMap } from '../instructions/index.ts';
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
    const { runs, shell } = readRuns(stage, shells.get(base) ?? DEFAULT_SHELL, source, file.escape);
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
  for (const instruction of stage.instructions) {
    if (instruction.kind === 'shell') shell = instruction.command.args;
    if (instruction.kind !== 'run') continue;
    const isUnix = isUnixShell(shell[0] ?? '') && escapeCharacter === '\\';
    runs.push({ instruction, shell, scripts: isUnix ? readScripts(instruction, source) : [] });
  }
  return { runs, shell };
}

const UNIX_SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh', 'busybox']);

export function isUnixShell(program: string): boolean {
  return UNIX_SHELLS.has(program.slice(program.lastIndexOf('/') + 1));
}

/** `mkimage/lint`: the checks of `mkimage lint`. Pure: nothing is read but the text that is given. */
import { type Diagnostic, parseBuildFile, parseTrigger } from '../instructions/index.ts';
import { getLintRules, lintBuildFile as lintParsed, toLintDiagnostics } from '../lint/index.ts';
import { parsePlatform } from '../oci/index.ts';
import { type BaseAnswer, checkBuildFile, type PlanRequest, runPlanning } from '../plan/index.ts';

export type { Diagnostic, Fix, Position, Range, TextEdit } from '../instructions/index.ts';
export { applyFixes } from '../lint/index.ts';

/** What a build would be given besides its build file. */
export interface LintOptions {
  /** Looks only at what this stage needs: its name or number. */
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** `os/architecture[/variant]`; `linux/amd64` without it. */
  readonly platform?: string;
  /** Names that `--build-context` would give: they are no images. */
  readonly contexts?: readonly string[];
  /** Whether the ignore file hides a path of the context (`src/app.js`), for the check CopyIgnoredFile. */
  readonly isIgnored?: (path: string) => boolean;
  /** Makes the checks, too, that a build file has to ask for (`# check=experimental=all`). */
  readonly all?: boolean;
}

/** A check that is not BuildKit's. */
export interface LintRule {
  /** Stands in `code` of a diagnostic. */
  readonly name: string;
  readonly description: string;
  /** Of hadolint's rule that finds the same, if there is one. */
  readonly hadolintCode?: string;
}

const NO_BASE: BaseAnswer = { kind: 'failure', message: 'bases are not looked up' };

/**
 * What is wrong with a build file, in the order of its text. One that cannot be read has errors only; else there are the faults
 * that a build would find before it starts, BuildKit's checks and mkimage's own. Base images are taken to set PATH and nothing
 * else. Comments like `# check=skip=…` and `# hadolint ignore=…` are heeded. Throws `usage` for a platform that is none.
 */
export function lintBuildFile(text: string, options: LintOptions = {}): readonly Diagnostic[] {
  const file = parseBuildFile(text);
  if (file.diagnostics.some(({ severity }) => severity === 'error')) return file.diagnostics;
  const request = createPlanRequest(options);
  const checked = runPlanning(checkBuildFile(file, request), () => NO_BASE, parseTrigger);
  const found = toLintDiagnostics(lintParsed({ file, text, request }, checked));
  return [...file.diagnostics, ...found].toSorted((a, b) => a.range.start.offset - b.range.start.offset);
}

/** Checks of mkimage's own, in the order of their names. BuildKit's are those of its documentation. */
export function listLintRules(): readonly LintRule[] {
  return getLintRules().map(({ name, description, code }) => ({
    name,
    description,
    ...(code === undefined ? {} : { hadolintCode: code }),
  }));
}

function createPlanRequest(options: LintOptions): PlanRequest {
  const { target, buildArgs = {}, contexts = [], isIgnored, all = false } = options;
  const platform = parsePlatform(options.platform ?? 'linux/amd64');
  return {
    target,
    buildArgs,
    platform,
    implicitPlatform: options.platform === undefined,
    buildPlatform: platform,
    contexts: Object.fromEntries(contexts.map((name) => [name, { kind: 'directory' as const }])),
    labels: {},
    allChecks: all,
    ...(isIgnored === undefined ? {} : { isIgnored }),
  };
}

/** Checks a text that may not be saved yet: what an editor shows while the user types. */
import { dirname } from 'node:path';
import { isMkimageError } from '../../errors.ts';
import type { BuildFile, Diagnostic } from '../../instructions/index.ts';
import { getLintRules, type LintSettings, lintBuildFile, toLintDiagnostics } from '../../lint/index.ts';
import { checkBuildFile } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import type { Config } from '../config.ts';
import type { Services } from '../services.ts';
import { compileIgnoreFile, settleWithKnownBases } from './ask-build-file.ts';
import { findLintSettings } from './lint-settings.ts';

export interface CheckedDocument {
  readonly text: string;
  readonly parsed: BuildFile;
  /** The path of the file; its folder is used as the context. undefined for a file that was never saved. */
  readonly path: string | undefined;
}

export interface DocumentReport {
  /** Errors, and findings of BuildKit's checks. */
  readonly problems: readonly Diagnostic[];
  /** Findings of mkimage's own checks. */
  readonly advice: readonly Diagnostic[];
}

/**
 * Returns syntax errors, or, if there are none, the findings of all checks. Bases that are not in the store are
 * treated as images that set only PATH; without a store, all bases are.
 */
export async function checkDocument(
  services: Services | undefined,
  {
    config: { platform, environment },
    document: { text, parsed, path },
  }: { readonly config: Pick<Config, 'platform' | 'environment'>; readonly document: CheckedDocument },
  call: Call,
): Promise<DocumentReport> {
  if (parsed.diagnostics.some(({ severity }) => severity === 'error')) {
    return { problems: parsed.diagnostics, advice: [] };
  }
  const isIgnored = path === undefined ? undefined : compileIgnoreFile(dirname(path), path);
  const circumstances = {
    target: undefined,
    buildArgs: {},
    platform,
    implicitPlatform: true,
    buildPlatform: platform,
    contexts: {},
    labels: {},
    ...(isIgnored === undefined ? {} : { isIgnored }),
  };
  const asked = { services, layouts: new Map(), call };
  const { outcome: checked } = await settleWithKnownBases(asked, checkBuildFile(parsed, circumstances));
  const settings = await readSettings(path, environment);
  const found = toLintDiagnostics(lintBuildFile({ file: parsed, text, request: circumstances, settings }, checked));
  const own = new Set(getLintRules().map(({ name }) => name));
  return {
    problems: [...parsed.diagnostics, ...found.filter(({ code }) => !own.has(code))],
    advice: found.filter(({ code }) => own.has(code)),
  };
}

/**
 * Reads the settings of the file's folder or the nearest parent. `createMkimage lint` reports settings that cannot be read.
 */
async function readSettings(
  path: string | undefined,
  environment: Config['environment'],
): Promise<LintSettings | undefined> {
  try {
    return await findLintSettings({ environment, directories: path === undefined ? [] : listFoldersAbove(path) });
  } catch (error) {
    if (isMkimageError(error, 'usage')) return undefined;
    throw error;
  }
}

function listFoldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let at = dirname(path); at !== folders.at(-1); at = dirname(at)) folders.push(at);
  return folders;
}

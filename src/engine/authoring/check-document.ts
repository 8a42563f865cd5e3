/** All there is to say of a text that need not be on the disk yet: what an editor shows while somebody types. */
import { dirname } from 'node:path';
import { isMkimageError } from '../../errors.ts';
import type { BuildFile, Diagnostic } from '../../instructions/index.ts';
import { type LintSettings, lintBuildFile, lintDiagnostics, lintRules } from '../../lint/index.ts';
import { checkBuildFile } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import type { Config } from '../config.ts';
import type { Services } from '../services.ts';
import { ignoredIn, withKnownBases } from './ask-build-file.ts';
import { findLintSettings } from './lint-settings.ts';

export interface CheckedDocument {
  readonly text: string;
  readonly parsed: BuildFile;
  /** Where it lies: its folder is taken for the context. undefined for a file that has never been saved. */
  readonly path: string | undefined;
}

export interface DocumentReport {
  /** Faults, and what BuildKit's checks find. */
  readonly problems: readonly Diagnostic[];
  /** What mkimage's own checks find. */
  readonly advice: readonly Diagnostic[];
}

/**
 * What is wrong with its form; with nothing of that, all checks. Bases that are not in the store set nothing but PATH, as do
 * all of them without one.
 */
export async function checkDocument(
  services: Services | undefined,
  { platform, environment }: Pick<Config, 'platform' | 'environment'>,
  { text, parsed, path }: CheckedDocument,
  call: Call,
): Promise<DocumentReport> {
  if (parsed.diagnostics.some(({ severity }) => severity === 'error')) {
    return { problems: parsed.diagnostics, advice: [] };
  }
  const isIgnored = path === undefined ? undefined : ignoredIn(dirname(path), path);
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
  const { outcome: checked } = await withKnownBases(asked, checkBuildFile(parsed, circumstances));
  const settings = await settingsFor(path, environment);
  const found = lintDiagnostics(lintBuildFile({ file: parsed, text, request: circumstances, settings }, checked));
  const own = new Set(lintRules().map(({ name }) => name));
  return {
    problems: [...parsed.diagnostics, ...found.filter(({ code }) => !own.has(code))],
    advice: found.filter(({ code }) => own.has(code)),
  };
}

/** Of the folder that it lies in, or the nearest one around it. Settings that cannot be read are told by `mkimage lint`. */
async function settingsFor(
  path: string | undefined,
  environment: Config['environment'],
): Promise<LintSettings | undefined> {
  try {
    return await findLintSettings({ environment, directories: path === undefined ? [] : foldersAround(path) });
  } catch (error) {
    if (isMkimageError(error, 'usage')) return undefined;
    throw error;
  }
}

function foldersAround(path: string): readonly string[] {
  const folders: string[] = [];
  for (let at = dirname(path); at !== folders.at(-1); at = dirname(at)) folders.push(at);
  return folders;
}

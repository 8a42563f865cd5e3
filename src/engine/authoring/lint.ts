/** `mkimage lint`: reports all findings about a build file, and applies the safe fixes. */

import type { LintAnswer, LintRequest, LintView } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { replaceFile } from '../../host/index.ts';
import type { BuildFile } from '../../instructions/index.ts';
import { applyFixes, type LintReport, type LintSettings, lintBuildFile } from '../../lint/index.ts';
import { checkBuildFile, type PlanRequest } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import {
  type BuildInputs,
  findLayoutContexts,
  type LayoutContexts,
  openBuildInputs,
  parseWithMemo,
} from '../build/index.ts';
import type { EngineCall } from '../call.ts';
import type { Services } from '../services.ts';
import { collectCircumstances, settleWithKnownBases } from './ask-build-file.ts';
import { findLintSettings } from './lint-settings.ts';

/** One fix can make another one possible. No file needs more rounds than this. */
const MOST_ROUNDS = 10;

/** Throws `not-found` and `usage` as `build` does. Errors in the file are part of the report. */
export async function lint(services: Services, request: LintRequest, call: EngineCall): Promise<LintAnswer> {
  await using inputs = await openBuildInputs(services, request.build, call);
  if (request.fix) requirePlace(inputs);
  const layouts = await findLayoutContexts(request.build, call.cwd);
  const circumstances = {
    ...collectCircumstances(services, request.build, { inputs, layouts }),
    allChecks: request.all,
  };
  const settings = await findSettings(request, inputs, call);
  const asked = { services, circumstances, layouts, call, settings };
  const first = await parseWithMemo(inputs.file.bytes, services);
  let answer = await lintText(asked, textOf(inputs), first);
  let applied = 0;
  for (let round = 0; request.fix && round < MOST_ROUNDS; round += 1) {
    const fixed = applyFixes(answer.text, listSafeFixes(answer.report));
    if (fixed.applied === 0) break;
    const { parseBuildFile } = await import('../../instructions/index.ts');
    answer = await lintText(asked, fixed.text, parseBuildFile(fixed.text));
    applied += fixed.applied;
  }
  if (applied > 0) replaceFile(inputs.file.path!, answer.text);
  const { text, report, unknownBases } = answer;
  const file = { name: inputs.file.name, text };
  return { file, unknownBases, report, applied, view: settings && viewOf(settings) };
}

function viewOf({ failureThreshold, noFail, format, noColor }: LintSettings): LintView {
  return { failureThreshold, noFail, format, noColor };
}

/** hadolint's settings: in the file that is named, in the working directory or the context, of the user. */
function findSettings(
  { build, config }: LintRequest,
  { place }: BuildInputs,
  { cwd, env }: EngineCall,
): Promise<LintSettings | undefined> {
  const directories = [cwd, ...(build.context.kind === 'directory' ? [place] : [])];
  const file = config === undefined ? undefined : { path: config, cwd };
  return findLintSettings({ environment: env, directories, file });
}

interface Asked {
  readonly services: Services;
  readonly circumstances: PlanRequest;
  readonly layouts: LayoutContexts;
  readonly call: Call;
  readonly settings: LintSettings | undefined;
}

async function lintText(asked: Asked, text: string, parsed: BuildFile) {
  const { outcome: result, unknownBases } = await settleWithKnownBases(
    asked,
    checkBuildFile(parsed, asked.circumstances),
  );
  const report = lintBuildFile({ file: parsed, text, request: asked.circumstances, settings: asked.settings }, result);
  return { text, report, unknownBases };
}

function listSafeFixes({ findings }: LintReport) {
  return findings.flatMap(({ fixes }) => fixes.filter(({ isSafe }) => isSafe).slice(0, 1));
}

/** Writing a file back that is not UTF-8 would change it. */
function requirePlace({ file }: BuildInputs): void {
  if (file.path === undefined) {
    throw new MkimageError('usage', 'apply fixes: the build file is not a file of this machine');
  }
  if (Buffer.compare(Buffer.from(Buffer.from(file.bytes).toString('utf8')), file.bytes) !== 0) {
    throw new MkimageError('usage', `apply fixes to \`${file.name}\`: it is not UTF-8`);
  }
}

function textOf({ file }: BuildInputs): string {
  return Buffer.from(file.bytes).toString('utf8');
}

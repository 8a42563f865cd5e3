/** Fixes for findings of BuildKit's checks. */
import type { Fix, Instruction } from '../../instructions/index.ts';
import type { Finding } from '../../plan/index.ts';
import type { LintFile } from '../lint-file.ts';
import { fixAsCasing, fixInstructionCasing } from './casing.ts';
import type { FixContext } from './fix-context.ts';
import { fixJsonArgs } from './json-args.ts';
import { fixLegacyKeyValue } from './legacy-key-value.ts';
import { fixEmptyContinuation, removeEarlier } from './lines.ts';
import { fixMisspelling, fixStageName } from './names.ts';
import { fixExposedHost, fixMaintainer, fixProtocol, fixTargetPlatform, fixWorkdir } from './settings.ts';

type Fixer = (flaw: FixContext) => Fix | undefined;

const FIXERS: Readonly<Record<string, Fixer>> = {
  ConsistentInstructionCasing: fixInstructionCasing,
  ExposeInvalidFormat: fixExposedHost,
  ExposeProtoCasing: fixProtocol,
  FromAsCasing: fixAsCasing,
  JSONArgsRecommended: fixJsonArgs,
  LegacyKeyValueFormat: fixLegacyKeyValue,
  MaintainerDeprecated: fixMaintainer,
  MultipleInstructionsDisallowed: removeEarlier,
  RedundantTargetPlatform: fixTargetPlatform,
  StageNameCasing: fixStageName,
  UndefinedArgInFrom: fixMisspelling,
  UndefinedVar: fixMisspelling,
  WorkdirRelativePath: fixWorkdir,
};

/** `instruction`: the one that starts at the same position as the finding. */
export function fixesOf(finding: Finding, instruction: Instruction | undefined, lintFile: LintFile): readonly Fix[] {
  const { name } = finding.rule;
  const fix =
    name === 'NoEmptyContinuation'
      ? fixEmptyContinuation(finding, lintFile)
      : instruction && FIXERS[name]?.({ finding, instruction, lintFile });
  return fix ? [fix] : [];
}

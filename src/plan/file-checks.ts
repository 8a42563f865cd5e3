/** The checks that need no values: they look at the file as it is written. */
import type { BuildFile } from '../instructions/index.ts';
import type { Checker } from './checker.ts';
import { checkConsistentInstructionCasing } from './rules/consistent-instruction-casing.ts';
import { checkDuplicateStageName } from './rules/duplicate-stage-name.ts';
import { checkFromAsCasing } from './rules/from-as-casing.ts';
import { checkDefinitionDescription } from './rules/invalid-definition-description.ts';
import { checkMaintainer } from './rules/maintainer-deprecated.ts';
import { checkNoEmptyContinuation } from './rules/no-empty-continuation.ts';
import { checkReservedStageName } from './rules/reserved-stage-name.ts';
import { checkStageNameCasing } from './rules/stage-name-casing.ts';
import type { StagedFile } from './stages.ts';

export function checkFile(file: BuildFile, { stages }: StagedFile, checker: Checker): void {
  checkNoEmptyContinuation(file, checker.report);
  for (const instruction of file.instructions) {
    const report = checker.above(instruction);
    checkMaintainer(instruction, report);
    checkDefinitionDescription(instruction, report);
    if (instruction.kind !== 'from') continue;
    checkStageNameCasing(instruction, report);
    checkFromAsCasing(instruction, report);
  }
  checkReservedStageName(stages, checker.report);
  checkDuplicateStageName(stages, checker.report);
  const staged = stages.flatMap(({ from, instructions }) => [from, ...instructions]);
  checkConsistentInstructionCasing(staged, checker.report);
}

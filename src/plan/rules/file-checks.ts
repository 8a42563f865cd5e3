/** Checks that do not need variable values. */
import type { BuildFile } from '../../instructions/index.ts';
import type { StagedFile } from '../stages/stage.ts';
import type { Checker } from './checker.ts';
import { checkConsistentInstructionCasing } from './file/consistent-instruction-casing.ts';
import { checkDuplicateStageName } from './file/duplicate-stage-name.ts';
import { checkFromAsCasing } from './file/from-as-casing.ts';
import { checkDefinitionDescription } from './file/invalid-definition-description.ts';
import { checkMaintainer } from './file/maintainer-deprecated.ts';
import { checkNoEmptyContinuation } from './file/no-empty-continuation.ts';
import { checkReservedStageName } from './file/reserved-stage-name.ts';
import { checkStageNameCasing } from './file/stage-name-casing.ts';

export function checkFile(file: BuildFile, { stages }: StagedFile, checker: Checker): void {
  checkNoEmptyContinuation(file, checker.report);
  for (const instruction of file.instructions) {
    const report = checker.reportFor(instruction);
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

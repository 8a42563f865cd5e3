import type { Instruction } from '../../instructions/index.ts';
import type { Finding } from '../../plan/index.ts';
import type { LintFile } from '../lint-file.ts';

/** A finding and the instruction that contains it. */
export interface FixContext<Kind extends Instruction = Instruction> {
  readonly finding: Finding;
  readonly instruction: Kind;
  readonly lintFile: LintFile;
}

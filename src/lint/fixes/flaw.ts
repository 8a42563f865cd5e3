import type { Instruction } from '../../instructions/index.ts';
import type { Finding } from '../../plan/index.ts';
import type { LintFile } from '../lint-file.ts';

/** What a check found, with the instruction that it found it in. */
export interface Flaw<Kind extends Instruction = Instruction> {
  readonly finding: Finding;
  readonly instruction: Kind;
  readonly lintFile: LintFile;
}

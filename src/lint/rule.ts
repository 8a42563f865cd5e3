import type { Fix, Instruction, Range } from '../instructions/index.ts';
import type { Rule } from '../plan/index.ts';
import type { LintFile } from './lint-file.ts';

/** A check of mkimage's own. `experimental`: only by request. */
export interface LintRule extends Rule {
  /** hadolint's code for it, which works in its place wherever a check is named. */
  readonly code?: string;
  /** All of them, where one check stands for several rules there; each hit says which. */
  readonly codes?: readonly string[];
  find(file: LintFile): Iterable<Hit>;
}

/** Something found, in an instruction whose comments may want it skipped. */
export interface Hit {
  readonly instruction: Pick<Instruction, 'comments'>;
  readonly detail: string;
  readonly range: Range;
  readonly fixes?: readonly Fix[];
  /** hadolint's code, of those that the rule has. */
  readonly code?: string;
}

/** The page of a check of mkimage's own, inside the package and its repository. */
export function pageOf(name: string): string {
  return `docs/rules/${name}.md`;
}

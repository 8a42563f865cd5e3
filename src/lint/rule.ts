import type { Fix, Instruction, Range } from '../instructions/index.ts';
import type { Rule } from '../plan/index.ts';
import type { LintFile } from './lint-file.ts';

/** A check of mkimage's own. `experimental`: it only runs if the user enables it. */
export interface LintRule extends Rule {
  /** hadolint's code for this check. Users can write it instead of the name. */
  readonly code?: string;
  /** All hadolint codes, if this check corresponds to several hadolint rules. Each hit then has its own `code`. */
  readonly codes?: readonly string[];
  find(file: LintFile): Iterable<Hit>;
}

/** One match of a check. The comments of the instruction can disable the check. */
export interface Hit {
  readonly instruction: Pick<Instruction, 'comments'>;
  readonly detail: string;
  readonly range: Range;
  readonly fixes?: readonly Fix[];
  /** hadolint's code for this match: one of the rule's `codes`. */
  readonly code?: string;
}

/** Path of the documentation page of one of mkimage's own checks, relative to the package and the repository. */
export function pageOf(name: string): string {
  return `docs/rules/${name}.md`;
}

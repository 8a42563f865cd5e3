import type { Range } from '../../instructions/index.ts';

/** A BuildKit check, with BuildKit's name. */
export interface Rule {
  readonly name: string;
  readonly description: string;
  readonly url: string;
  /** Off unless `# check=experimental=…` enables it. */
  readonly experimental?: true;
}

/** A misspelled name, and the most likely correct name. */
export interface Misspelling {
  readonly from: string;
  readonly to: string;
}

/** One result of a check. */
export interface Finding {
  readonly rule: Rule;
  readonly detail: string;
  readonly range: Range;
  readonly misspelling?: Misspelling;
}

/** Receives the findings of a check. The checker drops skipped ones. */
export type Report = (finding: Finding) => void;

/** The range of an instruction, and the function that receives its findings. */
export interface Place {
  readonly range: Range;
  readonly report: Report;
}

/** BuildKit's documentation page of a check. */
export function createRuleUrl(page: string): string {
  return `https://docs.docker.com/go/dockerfile/rule/${page}/`;
}

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

/** Receives the findings of a check. The checker drops skipped ones. */
export type Report = (rule: Rule, detail: string, range: Range, misspelling?: Misspelling) => void;

/** BuildKit's documentation page of a check. */
export function createRuleUrl(page: string): string {
  return `https://docs.docker.com/go/dockerfile/rule/${page}/`;
}

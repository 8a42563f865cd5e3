import type { Range } from '../../instructions/index.ts';

/** A check of BuildKit's, by its name there. */
export interface Rule {
  readonly name: string;
  readonly description: string;
  readonly url: string;
  /** Off until `# check=experimental=…` turns it on. */
  readonly experimental?: true;
}

/** A name that is written wrong, and what it was probably meant to be. */
export interface Misspelling {
  readonly from: string;
  readonly to: string;
}

/** Takes what a check finds; whether anybody wants to hear of it is decided behind it. */
export type Report = (rule: Rule, detail: string, range: Range, misspelling?: Misspelling) => void;

/** The page that BuildKit gives for a check. */
export function ruleUrl(page: string): string {
  return `https://docs.docker.com/go/dockerfile/rule/${page}/`;
}

/** What a shell may offer in the place of a word. */

export interface Candidate {
  /** The whole word. */
  readonly value: string;
  /** What it is, in a few words; empty if it speaks for itself. */
  readonly about: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** What of the file system the shell is to offer as well. */
  readonly paths: 'none' | 'files' | 'directories';
}

export const NOTHING: Completion = { candidates: [], paths: 'none' };

/** Those that begin with what is typed. */
export function offer(typed: string, all: readonly Candidate[]): Completion {
  return { candidates: all.filter(({ value }) => value.startsWith(typed)), paths: 'none' };
}

/** As the scripts of the shells read it: a line for each candidate, `value<TAB>about`, then `:files`, `:directories` or `:none`. */
export function completionText({ candidates, paths }: Completion): string {
  const lines = candidates.map(({ value, about }) => `${clean(value)}\t${clean(about)}`);
  return `${[...lines, `:${paths}`].join('\n')}\n`;
}

/** One line, without what would steer a terminal: names of images and stages come from elsewhere. */
function clean(text: string): string {
  return text.replace(/\p{C}+/gu, ' ');
}

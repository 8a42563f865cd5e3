/** Candidates for one word, and their text format for the shell scripts. */

export interface Candidate {
  /** The whole word. */
  readonly value: string;
  /** Short description; may be empty. */
  readonly about: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Which file system entries the shell adds to the candidates. */
  readonly paths: 'none' | 'files' | 'directories';
}

export const NOTHING: Completion = { candidates: [], paths: 'none' };

/** Selects the candidates that begin with the typed text. */
export function filterCandidates(typed: string, all: readonly Candidate[]): Completion {
  return { candidates: all.filter(({ value }) => value.startsWith(typed)), paths: 'none' };
}

/** Formats a completion for the shell scripts: one line `value<TAB>about` per candidate, then `:files`, `:directories` or `:none`. */
export function formatCompletion({ candidates, paths }: Completion): string {
  const lines = candidates.map(({ value, about }) => `${clean(value)}\t${clean(about)}`);
  return `${[...lines, `:${paths}`].join('\n')}\n`;
}

/** Removes line breaks and control characters: names of images and stages are untrusted text. */
function clean(text: string): string {
  return text.replace(/\p{C}+/gu, ' ');
}

import type { Rule } from '../plan/index.ts';

/** BuildKit's checks that hadolint has, too. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  DuplicateStageName: ['DL3024'],
  FromPlatformFlagConstDisallowed: ['DL3029'],
  JSONArgsRecommended: ['DL3025'],
  MaintainerDeprecated: ['DL4000'],
  MultipleInstructionsDisallowed: ['DL4003', 'DL4004', 'DL3012'],
  WorkdirRelativePath: ['DL3000'],
};

/** hadolint's codes for a check; empty if it has no such check. */
export function codesOf(rule: Rule & { readonly code?: string }): readonly string[] {
  return rule.code === undefined ? (CODES[rule.name] ?? []) : [rule.code];
}

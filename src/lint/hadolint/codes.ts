import type { Diagnostic } from '../../instructions/index.ts';
import type { Finding, Rule } from '../../plan/index.ts';

/** BuildKit's checks that hadolint has, too. */
const CHECKS: Readonly<Record<string, readonly string[]>> = {
  DuplicateStageName: ['DL3024'],
  FromPlatformFlagConstDisallowed: ['DL3029'],
  JSONArgsRecommended: ['DL3025'],
  MaintainerDeprecated: ['DL4000'],
  MultipleInstructionsDisallowed: ['DL4003', 'DL4004', 'DL3012'],
  RedundantTargetPlatform: ['DL3065'],
  ReservedStageName: ['DL3063'],
  SecretsUsedInArgOrEnv: ['DL3064'],
  WorkdirRelativePath: ['DL3000'],
};

/** What is a rule there and here a fault that keeps the file from being built. */
const FAULTS: Readonly<Record<string, string>> = {
  'circular-dependency': 'DL3023',
  'forbidden-trigger': 'DL3043',
  'invalid-port': 'DL3011',
  'missing-from': 'DL3061',
};

/** One check for what are several rules there. */
const INSTRUCTIONS: readonly (readonly [instruction: string, code: string])[] = [
  ['ENTRYPOINT', 'DL4004'],
  ['HEALTHCHECK', 'DL3012'],
  ['CMD', 'DL4003'],
];

type Coded = Rule & { readonly code?: string; readonly codes?: readonly string[] };

/** hadolint's codes for a check; empty if it has no such check. */
export function codesOf({ name, code, codes }: Coded): readonly string[] {
  return codes ?? (code === undefined ? (CHECKS[name] ?? []) : [code]);
}

/** The code for what a check of BuildKit's has found. */
export function plannedCode({ rule, detail }: Pick<Finding, 'rule' | 'detail'>): string | undefined {
  const codes = CHECKS[rule.name] ?? [];
  if (codes.length < 2) return codes[0];
  return INSTRUCTIONS.find(([instruction]) => detail.includes(` ${instruction} `))?.[1];
}

/** The code for a fault of the file; its own name if hadolint does not tell it from others. */
export function faultCode({ code }: Pick<Diagnostic, 'code'>): string {
  return FAULTS[code] ?? code;
}

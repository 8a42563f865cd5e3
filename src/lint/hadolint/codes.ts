import type { Diagnostic } from '../../instructions/index.ts';
import type { Finding, Rule } from '../../plan/index.ts';

/** BuildKit's checks that hadolint also has, with hadolint's codes. */
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

interface FaultCode {
  readonly code: string;
  readonly text: string;
}

/** Problems for which hadolint has a rule, but which are build errors in mkimage. */
const FAULTS: Readonly<Record<string, FaultCode>> = {
  'circular-dependency': {
    code: 'DL3023',
    text: '`COPY --from` names its own stage, or a stage that depends on it.',
  },
  'forbidden-trigger': { code: 'DL3043', text: '`ONBUILD` cannot contain `ONBUILD`, `FROM` or `MAINTAINER`.' },
  'invalid-port': { code: 'DL3011', text: 'Ports are numbers from 0 to 65535; protocols are `tcp`, `udp` and `sctp`.' },
  'missing-from': { code: 'DL3061', text: 'Only `ARG` and comments are allowed before the first `FROM`.' },
};

/** The check MultipleInstructionsDisallowed corresponds to one hadolint rule per instruction. */
const INSTRUCTIONS: readonly (readonly [instruction: string, code: string])[] = [
  ['ENTRYPOINT', 'DL4004'],
  ['HEALTHCHECK', 'DL3012'],
  ['CMD', 'DL4003'],
];

type Coded = Rule & { readonly code?: string; readonly codes?: readonly string[] };

/** hadolint's codes for a check; empty if hadolint has no such check. */
export function codesOf({ name, code, codes }: Coded): readonly string[] {
  return codes ?? (code === undefined ? (CHECKS[name] ?? []) : [code]);
}

/** hadolint's code for a finding of one of BuildKit's checks. */
export function findBuildkitCode({ rule, detail }: Pick<Finding, 'rule' | 'detail'>): string | undefined {
  const codes = CHECKS[rule.name] ?? [];
  if (codes.length < 2) return codes[0];
  return INSTRUCTIONS.find(([instruction]) => detail.includes(` ${instruction} `))?.[1];
}

/** hadolint's code for an error of the file; mkimage's own code if hadolint has none. */
export function toFaultCode({ code }: Pick<Diagnostic, 'code'>): string {
  return FAULTS[code]?.code ?? code;
}

/** Explanation of an error of the file, found by mkimage's code or by hadolint's code. */
export function explainFault(asked: string): string | undefined {
  const found = Object.entries(FAULTS).find(([name, { code }]) => asked === name || asked.toUpperCase() === code);
  return (
    found &&
    `${found[1].text}\n\nAn error of the file, as in BuildKit: \`${found[0]}\`, \`${found[1].code}\` in hadolint.`
  );
}

/** Names of BuildKit's checks that correspond to this hadolint code. */
export function findBuildkitChecks(code: string): readonly string[] {
  return Object.keys(CHECKS).filter((name) => CHECKS[name]!.includes(code));
}

import { readPairs } from '../../docker-syntax/index.ts';
import { MkimageError } from '../../errors.ts';
import { didYouMean } from '../../notation/index.ts';
import type { Terminal } from '../terminal.ts';

const KEYS = ['filename', 'reset', 'disabled', 'strict', 'log-level'];

/**
 * `--policy` as buildx has it. Nobody here reads the language of policies, and a rule that is not looked at must not seem to
 * be kept: whoever names one is refused. True: a policy beside the build file does not count. Throws `usage`.
 */
export function readPolicies(values: readonly string[], env: Terminal['env']): boolean {
  const policies = values.map(readPolicy);
  if (policies.length > 1 && policies.some(({ disabled }) => disabled)) throw disabledTogether(values.join(' '));
  const source = env.EXPERIMENTAL_BUILDKIT_SOURCE_POLICY;
  if (source) throw notRead(source, 'unset EXPERIMENTAL_BUILDKIT_SOURCE_POLICY');
  return policies.some(({ reset, disabled }) => reset || disabled);
}

interface Policy {
  readonly reset: boolean;
  readonly disabled: boolean;
}

function readPolicy(value: string): Policy {
  const pairs = readPairs(value).map(([key, text]) => [key.trim().toLowerCase(), text ?? ''] as const);
  for (const [key, text] of pairs) checkPair(value, key, text);
  const given = new Map(pairs);
  const disabled = isTrue(given.get('disabled') ?? '');
  if (disabled && given.size > 1) throw disabledTogether(value);
  const file = given.get('filename');
  if (file !== undefined) throw notRead(file, 'build without `--policy`, or check the sources with another tool');
  return { disabled, reset: isTrue(given.get('reset') ?? '') };
}

function checkPair(value: string, key: string, text: string): void {
  if (!KEYS.includes(key)) {
    throw unreadable(value, `unknown key \`${key}\``, didYouMean(key, KEYS, `keys are ${KEYS.join(', ')}`));
  }
  if (text === '') throw unreadable(value, `\`${key}\` has no value`, 'e.g. `--policy disabled=true`');
  const isSwitch = key === 'reset' || key === 'disabled' || key === 'strict';
  if (isSwitch && !isTrue(text) && !/^(?:0|f|F|FALSE|false|False)$/.test(text)) {
    throw unreadable(value, `\`${key}\` is true or false, not \`${text}\``, 'e.g. `--policy disabled=true`');
  }
}

function isTrue(text: string): boolean {
  return /^(?:1|t|T|TRUE|true|True)$/.test(text);
}

function disabledTogether(value: string): MkimageError {
  return unreadable(value, '`disabled=true` stands alone', 'leave out the rest');
}

function unreadable(value: string, why: string, hint: string): MkimageError {
  return new MkimageError('usage', `read \`--policy ${value}\`: ${why}`, { hint });
}

function notRead(file: string, hint: string): MkimageError {
  return new MkimageError('usage', `read policy \`${file}\`: policies for sources are not supported`, { hint });
}

import { readPairs } from '../../docker-syntax/index.ts';
import { MkimageError } from '../../errors.ts';
import { createSuggestionHint } from '../../notation/index.ts';
import type { Terminal } from '../terminal.ts';

const KEYS = ['filename', 'reset', 'disabled', 'strict', 'log-level'];

/**
 * Reads `--policy` of buildx. mkimage cannot evaluate policies, and must not pretend to: a policy file is refused. Returns
 * true if a policy file next to the build file is ignored. Throws `usage`.
 */
export function readPolicies(values: readonly string[], env: Terminal['env']): boolean {
  const policies = values.map(readPolicy);
  if (policies.length > 1 && policies.some(({ disabled }) => disabled)) throw createDisabledError(values.join(' '));
  const source = env.EXPERIMENTAL_BUILDKIT_SOURCE_POLICY;
  if (source) throw createUnsupportedError(source, 'unset EXPERIMENTAL_BUILDKIT_SOURCE_POLICY');
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
  if (disabled && given.size > 1) throw createDisabledError(value);
  const file = given.get('filename');
  if (file !== undefined)
    throw createUnsupportedError(file, 'build without `--policy`, and check the sources with another tool');
  return { disabled, reset: isTrue(given.get('reset') ?? '') };
}

function checkPair(value: string, key: string, text: string): void {
  if (!KEYS.includes(key)) {
    throw createFlagError(
      value,
      `unknown key \`${key}\``,
      createSuggestionHint(key, KEYS, `one of ${KEYS.join(', ')}`),
    );
  }
  if (text === '') throw createFlagError(value, `\`${key}\` has no value`, 'e.g. `--policy disabled=true`');
  const isSwitch = key === 'reset' || key === 'disabled' || key === 'strict';
  if (isSwitch && !isTrue(text) && !/^(?:0|f|F|FALSE|false|False)$/.test(text)) {
    throw createFlagError(value, `\`${key}\` must be true or false, not \`${text}\``, 'e.g. `--policy disabled=true`');
  }
}

function isTrue(text: string): boolean {
  return /^(?:1|t|T|TRUE|true|True)$/.test(text);
}

function createDisabledError(value: string): MkimageError {
  return createFlagError(value, '`disabled=true` cannot be combined with other settings', 'remove the other settings');
}

function createFlagError(value: string, why: string, hint: string): MkimageError {
  return new MkimageError('usage', `read \`--policy ${value}\`: ${why}`, { hint });
}

function createUnsupportedError(file: string, hint: string): MkimageError {
  return new MkimageError('usage', `read policy \`${file}\`: policies for sources are not supported`, { hint });
}

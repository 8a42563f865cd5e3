import { parseBool } from '../../notation/index.ts';
import { Fault } from '../words/fault.ts';
import { suggestNearest } from '../words/suggestion.ts';

/** Options of `# check=`: skipped checks, enabled experimental checks, and whether findings fail the build. */
export interface CheckOptions {
  readonly skip: 'all' | ReadonlySet<string>;
  readonly experimental: 'all' | ReadonlySet<string>;
  readonly error: boolean;
}

export const NO_CHECK_OPTIONS: CheckOptions = { skip: new Set(), experimental: new Set(), error: false };

const KEYS = ['skip', 'experimental', 'error'] as const;

/** Reads `skip=A,B;experimental=all;error=true`. Throws a Fault. */
export function parseCheckOptions(text: string): CheckOptions {
  let options = NO_CHECK_OPTIONS;
  if (text.trim() === '') return options;
  for (const part of text.trim().split(';')) options = { ...options, ...readOption(part) };
  return options;
}

function readOption(part: string): Partial<CheckOptions> {
  const at = part.indexOf('=');
  const key = (at < 0 ? part : part.slice(0, at)).trim();
  const value = part.slice(at + 1).trim();
  if (at < 0) throw createOptionFault(part, 'missing value');
  switch (key) {
    case 'skip':
      return { skip: parseRuleNames(value) };
    case 'experimental':
      return { experimental: parseRuleNames(value) };
    case 'error':
      return { error: parseBoolean(part, value) };
    default:
      throw createOptionFault(part, 'unknown option', suggestNearest(key, KEYS));
  }
}

function parseRuleNames(value: string): 'all' | ReadonlySet<string> {
  return value === 'all' ? 'all' : new Set(value.split(',').map((name) => name.trim()));
}

function parseBoolean(part: string, value: string): boolean {
  const parsed = parseBool(value);
  if (parsed === undefined) throw createOptionFault(part, 'the value must be `true` or `false`');
  return parsed;
}

function createOptionFault(part: string, why: string, hint?: string): Fault {
  return new Fault('check-option', `read check option \`${part}\`: ${why}`, {
    hint: hint ?? 'known options are `skip=`, `error=` and `experimental=`, separated by `;`',
  });
}

/** Options for one instruction: those of the file, and those of the comment above the instruction. */
export function mergeCheckOptions(file: CheckOptions, above: CheckOptions): CheckOptions {
  return {
    skip: mergeNames(file.skip, above.skip),
    experimental: mergeNames(file.experimental, above.experimental),
    error: file.error,
  };
}

function mergeNames(a: CheckOptions['skip'], b: CheckOptions['skip']): CheckOptions['skip'] {
  return a === 'all' || b === 'all' ? 'all' : new Set([...a, ...b]);
}

/** The options in a comment `check=…`; undefined for other comments and invalid options. */
export function readCheckComment(comment: string): CheckOptions | undefined {
  const [, value] = /^\s*check\s*=\s*(\S+)/i.exec(comment) ?? [];
  if (value === undefined) return undefined;
  try {
    return parseCheckOptions(value);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

import { parseBool } from '../../notation/index.ts';
import { Fault } from '../words/fault.ts';
import { didYouMean } from '../words/nearest.ts';

/** What `# check=` says: which checks are skipped, which experimental ones are on, and whether findings fail the build. */
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
  if (at < 0) throw invalid(part, 'it needs a value');
  switch (key) {
    case 'skip':
      return { skip: ruleNames(value) };
    case 'experimental':
      return { experimental: ruleNames(value) };
    case 'error':
      return { error: boolean(part, value) };
    default:
      throw invalid(part, 'there is no such option', didYouMean(key, KEYS));
  }
}

function ruleNames(value: string): 'all' | ReadonlySet<string> {
  return value === 'all' ? 'all' : new Set(value.split(',').map((name) => name.trim()));
}

function boolean(part: string, value: string): boolean {
  const parsed = parseBool(value);
  if (parsed === undefined) throw invalid(part, 'the value is not `true` or `false`');
  return parsed;
}

function invalid(part: string, why: string, hint?: string): Fault {
  return new Fault('check-option', `read check option \`${part}\`: ${why}`, {
    hint: hint ?? 'options are `skip=`, `error=` and `experimental=`, with `;` between them',
  });
}

/** Options for one instruction: those of the file, and more of what a comment above the instruction skips or turns on. */
export function mergeCheckOptions(file: CheckOptions, above: CheckOptions): CheckOptions {
  return {
    skip: merge(file.skip, above.skip),
    experimental: merge(file.experimental, above.experimental),
    error: file.error,
  };
}

function merge(a: CheckOptions['skip'], b: CheckOptions['skip']): CheckOptions['skip'] {
  return a === 'all' || b === 'all' ? 'all' : new Set([...a, ...b]);
}

/** The options in a comment `check=…`; undefined if it is no such comment or cannot be read. */
export function optionsInComment(comment: string): CheckOptions | undefined {
  const [, value] = /^\s*check\s*=\s*(\S+)/i.exec(comment) ?? [];
  if (value === undefined) return undefined;
  try {
    return parseCheckOptions(value);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

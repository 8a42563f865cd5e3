import { MkimageError } from '../../errors.ts';
import { createSuggestionHint, parseSize } from '../../notation/index.ts';

const isSize = (text: string): boolean => parseSize(text) !== undefined;
const isCount = (text: string): boolean => /^[+-]?\d{1,18}$/.test(text);
const isList = (): boolean => true;

const RESOURCES: Readonly<Record<string, (text: string) => boolean>> = {
  memory: isSize,
  'memory-swap': (text) => text === '-1' || isSize(text),
  'cpu-shares': isCount,
  'cpu-period': isCount,
  'cpu-quota': isCount,
  'cpuset-cpus': isList,
  'cpuset-mems': isList,
};

/** Checks the syntax of `--resource KEY=VALUE`, although the flag has no effect. Throws `usage`. */
export function checkResource(value: string): void {
  const equals = value.indexOf('=');
  if (equals === -1) throw createFlagError(value, 'expected KEY=VALUE', 'e.g. `--resource memory=2g`');
  const [key, text] = [value.slice(0, equals).trim(), value.slice(equals + 1).trim()];
  const names = Object.keys(RESOURCES);
  if (!Object.hasOwn(RESOURCES, key)) {
    throw createFlagError(
      value,
      `unknown resource \`${key}\``,
      createSuggestionHint(key, names, `one of ${names.join(', ')}`),
    );
  }
  if (!RESOURCES[key]!(text))
    throw createFlagError(value, `invalid value \`${text}\` for ${key}`, 'e.g. `--resource memory=2g`');
}

function createFlagError(value: string, why: string, hint: string): MkimageError {
  return new MkimageError('usage', `read \`--resource ${value}\`: ${why}`, { hint });
}

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { MkimageError } from '../../errors.ts';
import type { Terminal } from '../terminal.ts';

type Surroundings = Pick<Terminal, 'env' | 'cwd'>;

/** Variables of `--env-file` and `-e`, in this order. A name without a value gets that of this environment, or is removed. */
export function readEnvironment(
  files: readonly string[],
  given: readonly string[],
  surroundings: Surroundings,
): readonly string[] {
  const lines = files.flatMap((file) => linesOf(file, surroundings));
  return [...lines, ...given].flatMap((text) => {
    if (text.startsWith('=') || text === '') throw new MkimageError('usage', `invalid environment variable: ${text}`);
    if (text.includes('=')) return text;
    const value = surroundings.env[text];
    return value === undefined ? text : `${text}=${value}`;
  });
}

/** Labels of `--label-file` and `-l`. */
export function readLabels(
  files: readonly string[],
  given: readonly string[],
  surroundings: Surroundings,
): Readonly<Record<string, string>> {
  const lines = files.flatMap((file) => linesOf(file, surroundings));
  return Object.fromEntries(
    [...lines, ...given].map((text) => {
      const equals = text.indexOf('=');
      return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

/** Lines that are not empty and no comments. A name must not contain blanks. */
function linesOf(file: string, { cwd }: Surroundings): readonly string[] {
  const lines = readText(resolve(cwd(), file), file).split(/\r?\n/);
  return lines.flatMap((line) => {
    const trimmed = line.trimStart();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const name = trimmed.split('=')[0]!;
    if (/\s/.test(name))
      throw new MkimageError('usage', `poorly formatted environment: variable '${name}' contains whitespaces`);
    return [trimmed];
  });
}

function readText(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new MkimageError('usage', `open ${shown}: ${(cause as Error).message}`, { cause });
  }
}

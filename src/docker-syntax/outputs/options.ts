/** Parses the `key=value` pairs of an output and their values. Pure. */
import { MkimageError } from '../../errors.ts';
import { parseBool, splitCsv } from '../../notation/index.ts';

export type Options = ReadonlyMap<string, string>;

/** Splits the line into fields. Throws `usage`. */
export function fieldsOf(line: string): readonly string[] {
  const split = splitCsv(line);
  if ('fields' in split) return split.fields;
  if (split.quote === 'open')
    throw new MkimageError('usage', `parse \`${line}\`: a quote is not closed before a comma or the end`);
  throw new MkimageError('usage', `parse \`${line}\`: a quote inside a value`, {
    hint: 'put the whole `key=value` in double quotes, and double the quotes inside it',
  });
}

/** Returns the pairs by key; the last one of a key counts. Throws `usage`. */
export function optionsOf(fields: readonly string[], text: string): Options {
  const options = new Map<string, string>();
  for (const field of fields) {
    const equals = field.indexOf('=');
    if (equals <= 0)
      throw createUsageError(text, `\`${field}\` is not of the form key=value`, 'for example `type=oci,dest=app.tar`');
    const name = field.slice(0, equals).trim();
    // Keys of annotations are case sensitive; all others are not.
    options.set(name.startsWith('annotation') ? name : name.toLowerCase(), field.slice(equals + 1));
  }
  return options;
}

/** Go's words for true and false. A bare `tar=` means the default, as in BuildKit. */
export function readFlag(options: Options, name: string, fallback: boolean): boolean {
  const text = options.get(name);
  if (text === undefined || text === '') return fallback;
  const read = parseBool(text);
  if (read !== undefined) return read;
  throw createUsageError(name, `\`${text}\` is neither true nor false`, undefined);
}

export function createUsageError(where: string, detail: string, hint: string | undefined): MkimageError {
  return new MkimageError('usage', `parse output \`${where}\`: ${detail}`, hint === undefined ? {} : { hint });
}

import { MkimageError } from '../../errors.ts';

/** Splits one line of comma-separated values; a value in double quotes may hold commas, and `""` for a quote (RFC 4180). Throws `usage`. */
export function splitCsv(line: string): readonly string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= line.length) {
    const { field, end } = line[at] === '"' ? quotedField(line, at) : plainField(line, at);
    fields.push(field);
    at = end + 1;
  }
  return fields;
}

/** `end` is the place of the comma after the field, or the end of the line. */
interface Field {
  readonly field: string;
  readonly end: number;
}

function plainField(line: string, start: number): Field {
  const comma = line.indexOf(',', start);
  const end = comma === -1 ? line.length : comma;
  const field = line.slice(start, end);
  if (!field.includes('"')) return { field, end };
  throw new MkimageError('usage', `parse \`${line}\`: a quote inside a value`, {
    hint: 'put the whole `key=value` in double quotes, and double the quotes inside it',
  });
}

function quotedField(line: string, start: number): Field {
  const match = /"((?:[^"]|"")*)"(?=,|$)/y;
  match.lastIndex = start;
  const found = match.exec(line);
  if (found === null)
    throw new MkimageError('usage', `parse \`${line}\`: a quote is not closed before a comma or the end`);
  return { field: found[1]!.replaceAll('""', '"'), end: match.lastIndex };
}

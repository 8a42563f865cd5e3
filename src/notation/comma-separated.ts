/** The fields of a line, or what is wrong with its quotes. */
export type CsvLine =
  | { readonly fields: readonly string[] }
  /** `inside`: a quote in a field that does not begin with one; `open`: one that is not closed before a comma or the end. */
  | { readonly quote: 'inside' | 'open' };

/** Splits one line of comma-separated values; a field in double quotes may hold commas, and `""` for a quote (RFC 4180). */
export function splitCsv(line: string): CsvLine {
  const fields: string[] = [];
  const field = /(?:"(?<quoted>(?:[^"]|"")*)"|(?<plain>(?!")[^,]*))(?<end>,|$)/y;
  for (let end: string | undefined = ','; end !== ''; ) {
    const groups = field.exec(line)?.groups;
    if (groups === undefined) return { quote: 'open' };
    if (groups.plain?.includes('"')) return { quote: 'inside' };
    fields.push(groups.quoted?.replaceAll('""', '"') ?? groups.plain ?? '');
    end = groups.end;
  }
  return { fields };
}

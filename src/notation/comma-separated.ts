/** The fields of a line, or the kind of quote error. */
export type CsvLine =
  | { readonly fields: readonly string[] }
  /** `inside`: a quote in a field that does not begin with a quote. `open`: a quote that is not closed before a comma or the end. */
  | { readonly quote: 'inside' | 'open' };

/** Splits one line of comma-separated values. A field in double quotes may contain commas, and `""` for a quote (RFC 4180). */
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

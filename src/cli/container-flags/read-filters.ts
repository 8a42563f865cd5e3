import type { Filters } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';

/** Reads `--filter key=value`, repeated; `label!=x` is the key `label!`. Throws `usage`. */
export function readFilters(texts: readonly string[]): Filters {
  const filters: Record<string, string[]> = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    if (equals <= 0) throw new MkimageError('usage', `invalid filter '${text}'`, { hint: 'write KEY=VALUE' });
    const key = text.slice(0, equals).trim().toLowerCase();
    filters[key] = [...(filters[key] ?? []), text.slice(equals + 1).trim()];
  }
  return filters;
}

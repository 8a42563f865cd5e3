import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';

export interface DiffOptions {
  readonly before: string;
  readonly after: string;
  /** Lines around a change. */
  readonly context?: number;
}

/** The difference between two texts in the form that `patch` reads; '' if they are equal. */
export function unifiedDiff(before: string, after: string, names: DiffOptions): string {
  if (before === after) return '';
  const { context = 3 } = names;
  const patch = structuredPatch(names.before, names.after, before, after, undefined, undefined, { context });
  // A count of one is left out, as diff(1) does.
  return formatPatch(patch, FILE_HEADERS_ONLY).replace(/^@@ .* @@$/gm, (head) => head.replace(/,1(?= )/g, ''));
}

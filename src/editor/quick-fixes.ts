import type { Span } from '#grammar';
import type { Diagnostic, Fix } from '../instructions/index.ts';
import { toSpan } from './document.ts';

export interface QuickFix {
  readonly fix: Fix;
  readonly diagnostic: Diagnostic;
  /** True for the best fix of its diagnostic. */
  readonly isPreferred: boolean;
}

/** The fixes of all diagnostics in a span. */
export function findQuickFixes(diagnostics: readonly Diagnostic[], wanted: Span): readonly QuickFix[] {
  return diagnostics
    .filter(({ range }) => toSpan(range).start <= wanted.end && wanted.start <= toSpan(range).end)
    .flatMap((diagnostic) =>
      (diagnostic.fixes ?? []).map((fix, index) => ({ fix, diagnostic, isPreferred: index === 0 })),
    );
}

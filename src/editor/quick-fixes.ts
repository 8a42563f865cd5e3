import type { Span } from '#grammar';
import type { Diagnostic, Fix } from '../instructions/index.ts';
import { spanOf } from './document.ts';

export interface QuickFix {
  readonly fix: Fix;
  readonly diagnostic: Diagnostic;
  /** The best of its diagnostic. */
  readonly isPreferred: boolean;
}

/** The ways to mend what is wrong within a span. */
export function quickFixes(diagnostics: readonly Diagnostic[], wanted: Span): readonly QuickFix[] {
  return diagnostics
    .filter(({ range }) => spanOf(range).start <= wanted.end && wanted.start <= spanOf(range).end)
    .flatMap((diagnostic) =>
      (diagnostic.fixes ?? []).map((fix, index) => ({ fix, diagnostic, isPreferred: index === 0 })),
    );
}

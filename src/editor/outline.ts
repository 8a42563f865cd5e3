/** The shape of a build file: its stages, and the variables that each declares. */
import type { Span } from '#grammar';
import { type EditorDocument, spanOf } from './document.ts';
import { variableOccurrences } from './variables.ts';

export interface OutlineEntry {
  readonly kind: 'stage' | 'variable';
  readonly name: string;
  readonly detail: string;
  readonly span: Span;
  /** Where its name stands. */
  readonly nameSpan: Span;
  readonly children: readonly OutlineEntry[];
}

export function outlineOf(document: EditorDocument): readonly OutlineEntry[] {
  const declared = variableOccurrences(document).filter(({ role }) => role === 'definition');
  const variablesOf = (stage: number) =>
    declared
      .filter(({ scope }) => scope === stage)
      .map(({ name, start, end, instruction }): OutlineEntry => {
        const detail = document.file.instructions[instruction]!.keyword.toUpperCase();
        return { kind: 'variable', name, detail, span: { start, end }, nameSpan: { start, end }, children: [] };
      });
  const stages = document.stages.map(({ index, from, start, end }): OutlineEntry => {
    const nameSpan = spanOf(from.as?.range ?? from.image.range);
    const name = from.as?.name ?? `stage-${index}`;
    return {
      kind: 'stage',
      name,
      detail: from.image.raw,
      span: { start, end },
      nameSpan,
      children: variablesOf(index),
    };
  });
  return [...variablesOf(-1), ...stages];
}

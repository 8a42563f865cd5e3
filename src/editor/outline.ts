/** The outline of a build file: its stages, and the variables that each stage declares. */
import type { Span } from '#grammar';
import { type EditorDocument, toSpan } from './document.ts';
import { findVariableOccurrences } from './variables.ts';

export interface OutlineEntry {
  readonly kind: 'stage' | 'variable';
  readonly name: string;
  readonly detail: string;
  readonly span: Span;
  /** The position of its name. */
  readonly nameSpan: Span;
  readonly children: readonly OutlineEntry[];
}

export function createDocumentOutline(document: EditorDocument): readonly OutlineEntry[] {
  const declared = findVariableOccurrences(document).filter(({ role }) => role === 'definition');
  const variablesOf = (stage: number) =>
    declared
      .filter(({ scope }) => scope === stage)
      .map(({ name, start, end, instruction }): OutlineEntry => {
        const detail = document.file.instructions[instruction]!.keyword.toUpperCase();
        return { kind: 'variable', name, detail, span: { start, end }, nameSpan: { start, end }, children: [] };
      });
  const stages = document.stages.map(({ index, from, start, end }): OutlineEntry => {
    const nameSpan = toSpan(from.as?.range ?? from.image.range);
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

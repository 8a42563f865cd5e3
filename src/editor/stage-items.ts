import type { CompletionItem } from './completion-item.ts';
import { type EditorDocument, findStageAt } from './document.ts';

/** Completion items for the stages before the current one. */
export function createStageItems(document: EditorDocument, offset: number): readonly CompletionItem[] {
  const own = findOwnStart(document, offset);
  return document.stages.flatMap(({ from, start }): readonly CompletionItem[] => {
    if (from.as === undefined || start >= own) return [];
    return [{ label: from.as.name, kind: 'stage', detail: from.source, insert: from.as.name }];
  });
}

/** The start of the current stage. An incomplete FROM is not a stage in `stages` yet, but starts one. */
function findOwnStart(document: EditorDocument, offset: number): number {
  const line = document.lines.findLast(({ start }) => start <= offset);
  const isFrom = line !== undefined && /^\s*FROM\b/i.test(line.line.text);
  return isFrom ? line.start : (findStageAt(document, offset)?.start ?? 0);
}

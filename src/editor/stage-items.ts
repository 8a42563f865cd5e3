import type { CompletionItem } from './completion-item.ts';
import { type EditorDocument, stageAt } from './document.ts';

/** The stages before the one that the cursor is in. */
export function stageItems(document: EditorDocument, offset: number): readonly CompletionItem[] {
  const own = ownStart(document, offset);
  return document.stages.flatMap(({ from, start }): readonly CompletionItem[] => {
    if (from.as === undefined || start >= own) return [];
    return [{ label: from.as.name, kind: 'stage', detail: from.source, insert: from.as.name }];
  });
}

/** Where the stage begins. A FROM that is being typed is no stage yet, but the beginning of one. */
function ownStart(document: EditorDocument, offset: number): number {
  const line = document.lines.findLast(({ start }) => start <= offset);
  const isFrom = line !== undefined && /^\s*FROM\b/i.test(line.line.text);
  return isFrom ? line.start : (stageAt(document, offset)?.start ?? 0);
}

import type { Span } from '#grammar';

export type CompletionKind = 'keyword' | 'flag' | 'option' | 'value' | 'stage' | 'variable' | 'file' | 'folder';

/** Something that could stand at the cursor. */
export interface CompletionItem {
  readonly label: string;
  readonly kind: CompletionKind;
  /** One line beside the label. */
  readonly detail?: string;
  /** A short text about it. */
  readonly text?: string;
  /** What is put in the place of the span. */
  readonly insert: string;
}

export interface Completion {
  readonly items: readonly CompletionItem[];
  /** What has been typed of the word, and is replaced. */
  readonly span: Span;
  /** Set if a path of the context may stand here: as far as it is typed. Whoever can see a disk adds the entries. */
  readonly path?: string;
}

export function itemsOf(kind: CompletionKind, labels: Iterable<string>): readonly CompletionItem[] {
  return Array.from(labels, (label) => ({ label, kind, insert: label }));
}

/** `insert` makes of a name what is typed. */
export function describedItems(
  kind: CompletionKind,
  texts: Readonly<Record<string, string>>,
  insert: (name: string) => string = (name) => name,
): readonly CompletionItem[] {
  return Object.entries(texts).map(([name, text]) => ({ label: insert(name), kind, text, insert: insert(name) }));
}

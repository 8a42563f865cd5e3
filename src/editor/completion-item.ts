import type { Span } from '#grammar';

export type CompletionKind = 'keyword' | 'flag' | 'option' | 'value' | 'stage' | 'variable' | 'file' | 'folder';

/** One suggestion for the cursor position. */
export interface CompletionItem {
  readonly label: string;
  readonly kind: CompletionKind;
  /** One line next to the label. */
  readonly detail?: string;
  /** A short description. */
  readonly text?: string;
  /** The text that replaces the span. */
  readonly insert: string;
}

export interface Completion {
  readonly items: readonly CompletionItem[];
  /** The typed part of the word, which is replaced. */
  readonly span: Span;
  /** Set if a context path is possible here: its typed part. The caller reads the disk and adds the entries. */
  readonly path?: string;
}

export function createItems(kind: CompletionKind, labels: Iterable<string>): readonly CompletionItem[] {
  return Array.from(labels, (label) => ({ label, kind, insert: label }));
}

/** `insert` creates the inserted text from a name. */
export function createDescribedItems(
  kind: CompletionKind,
  texts: Readonly<Record<string, string>>,
  insert: (name: string) => string = (name) => name,
): readonly CompletionItem[] {
  return Object.entries(texts).map(([name, text]) => ({ label: insert(name), kind, text, insert: insert(name) }));
}

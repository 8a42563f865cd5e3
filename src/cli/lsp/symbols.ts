import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver';
import { createDocumentOutline, type OutlineEntry } from '../../editor/index.ts';
import type { OpenFile } from './open-file.ts';

export function listDocumentSymbols(file: OpenFile): DocumentSymbol[] {
  const symbolOf = ({ kind, name, detail, span, nameSpan, children }: OutlineEntry): DocumentSymbol => ({
    name,
    detail,
    kind: kind === 'stage' ? SymbolKind.Module : SymbolKind.Variable,
    range: file.rangeOf(span),
    selectionRange: file.rangeOf(nameSpan),
    children: children.map(symbolOf),
  });
  return createDocumentOutline(file.document).map(symbolOf);
}

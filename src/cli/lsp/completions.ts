import { type CompletionItem, CompletionItemKind, type Position } from 'vscode-languageserver';
import { type CompletionKind, complete } from '../../editor/index.ts';
import type { LanguageServices } from '../../engine/authoring/index.ts';
import { toFilePath } from './file-path.ts';
import type { OpenFile } from './open-file.ts';

const KINDS: Readonly<Record<CompletionKind, CompletionItemKind>> = {
  keyword: CompletionItemKind.Keyword,
  flag: CompletionItemKind.Property,
  option: CompletionItemKind.Field,
  value: CompletionItemKind.EnumMember,
  stage: CompletionItemKind.Module,
  variable: CompletionItemKind.Variable,
  file: CompletionItemKind.File,
  folder: CompletionItemKind.Folder,
};

export function listCompletions(file: OpenFile, position: Position, services: LanguageServices): CompletionItem[] {
  const { items, span, path } = complete(file.document, file.offsetAt(position));
  const buildFile = toFilePath(file.text.uri);
  const entries = path === undefined || buildFile === undefined ? [] : services.listEntries(buildFile, path);
  return [
    ...items.map(
      ({ label, kind, detail, text, insert }): CompletionItem => ({
        label,
        kind: KINDS[kind],
        ...(detail === undefined ? {} : { detail }),
        ...(text === undefined ? {} : { documentation: { kind: 'markdown', value: text } }),
        textEdit: file.edit(span, insert),
      }),
    ),
    ...entries.map(
      ({ path: whole, name, isFolder }): CompletionItem => ({
        label: isFolder ? `${name}/` : name,
        kind: KINDS[isFolder ? 'folder' : 'file'],
        filterText: whole,
        textEdit: file.edit(span, isFolder ? `${whole}/` : whole),
      }),
    ),
  ];
}

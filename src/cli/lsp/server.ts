/** Answers the requests of a client. Converts between types of the protocol and types of `src/editor`. */
import { type Connection, ErrorCodes, type Hover, ResponseError, TextDocuments } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  describeCheck,
  findDefinition,
  findHover,
  findQuickFixes,
  findReferences,
  findRenameable,
  renameStage,
} from '../../editor/index.ts';
import type { LanguageServices } from '../../engine/authoring/index.ts';
import { isMkimageError } from '../../errors.ts';
import { ABILITIES } from './capabilities.ts';
import { Checks } from './checks.ts';
import { listCompletions } from './completions.ts';
import { toProtocolAction } from './diagnostics.ts';
import { createFormatEdits } from './format-edits.ts';
import { OpenFile } from './open-file.ts';
import { listDocumentSymbols } from './symbols.ts';

/** Registers the request handlers. Disposing the result cancels scheduled checks. */
export function answerClient(connection: Connection, services: LanguageServices): Disposable {
  const checks = new Checks(connection, services);
  const fileOf = trackOpenFiles(connection, checks);
  connection.onInitialize(() => ABILITIES);
  answerPlaces(connection, fileOf);
  connection.onCompletion(({ textDocument, position }) => {
    const file = fileOf(textDocument.uri);
    return file && listCompletions(file, position, services);
  });
  connection.onHover(async ({ textDocument, position }) => {
    const file = fileOf(textDocument.uri);
    return file && describeHover(file, file.offsetAt(position), checks);
  });
  connection.onCodeAction(async ({ textDocument, range }) => {
    const file = fileOf(textDocument.uri);
    if (file === undefined) return undefined;
    const report = await checks.findReport(file);
    const found = findQuickFixes([...report.problems, ...report.advice], file.spanOf(range));
    return found.map((fix) => toProtocolAction(file, fix, report));
  });
  connection.onDocumentFormatting(({ textDocument }) => {
    const file = fileOf(textDocument.uri);
    return file && createFormatEdits(file);
  });
  return { [Symbol.dispose]: () => checks.dispose() };
}

type FileOf = (uri: string) => OpenFile | undefined;

/** Keeps the current version of every open document. */
function trackOpenFiles(connection: Connection, checks: Checks): FileOf {
  const texts = new TextDocuments(TextDocument);
  const files = new Map<string, OpenFile>();
  const fileOf: FileOf = (uri) => files.get(uri);
  texts.onDidChangeContent(({ document }) => {
    files.set(document.uri, new OpenFile(document));
    checks.schedule(document.uri, () => fileOf(document.uri));
  });
  texts.onDidSave(() => {
    for (const [uri, file] of files) {
      checks.forget(file);
      checks.schedule(uri, () => fileOf(uri));
    }
  });
  texts.onDidClose(({ document }) => {
    files.delete(document.uri);
    checks.close(document.uri);
  });
  texts.listen(connection);
  return fileOf;
}

function answerPlaces(connection: Connection, fileOf: FileOf): void {
  connection.onDefinition(({ textDocument: { uri }, position }) => {
    const file = fileOf(uri);
    const span = file && findDefinition(file.document, file.offsetAt(position));
    return file && span && { uri, range: file.rangeOf(span) };
  });
  connection.onReferences(({ textDocument: { uri }, position, context }) => {
    const file = fileOf(uri);
    if (file === undefined) return undefined;
    const spans = findReferences(file.document, file.offsetAt(position), context.includeDeclaration);
    return spans.map((span) => ({ uri, range: file.rangeOf(span) }));
  });
  connection.onDocumentSymbol(({ textDocument: { uri } }) => {
    const file = fileOf(uri);
    return file && listDocumentSymbols(file);
  });
  connection.onPrepareRename(({ textDocument: { uri }, position }) => {
    const file = fileOf(uri);
    const span = file && findRenameable(file.document, file.offsetAt(position));
    return file && span && file.rangeOf(span);
  });
  connection.onRenameRequest(({ textDocument: { uri }, position, newName }) => {
    const file = fileOf(uri);
    if (file === undefined) return undefined;
    const spans = toErrorResponse(() => renameStage(file.document, file.offsetAt(position), newName));
    return { changes: { [uri]: spans.map((span) => file.edit(span, newName)) } };
  });
}

/** Describes the syntax at the offset and the checks that report findings there. */
async function describeHover(file: OpenFile, offset: number, checks: Checks): Promise<Hover | undefined> {
  const found = findHover(file.document, offset);
  const { problems, advice } = await checks.findReport(file);
  const here = [...problems, ...advice].filter(
    ({ range }) => range.start.offset <= offset && offset <= range.end.offset,
  );
  const texts = new Set(
    [found?.text, ...here.map(({ code }) => describeCheck(code))].filter((text) => text !== undefined),
  );
  if (texts.size === 0) return undefined;
  const contents = { kind: 'markdown' as const, value: [...texts].join('\n\n---\n\n') };
  return { contents, ...(found === undefined ? {} : { range: file.rangeOf(found.span) }) };
}

/** Converts an `MkimageError` to an error response, so that the client shows its message. */
function toErrorResponse<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isMkimageError(error)) throw error;
    const hint = error.hint === undefined ? '' : `: ${error.hint}`;
    throw new ResponseError(ErrorCodes.InvalidParams, error.message + hint);
  }
}

/** Answers the requests of a client: the protocol's words on this side, those of the editor room on the other. */
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
import { completions } from './completions.ts';
import { protocolAction } from './diagnostics.ts';
import { formatEdits } from './format-edits.ts';
import { OpenFile } from './open-file.ts';
import { documentSymbols } from './symbols.ts';

/** Listens until the connection ends; what it returns stops the work that is still to be done. */
export function answerClient(connection: Connection, services: LanguageServices): Disposable {
  const checks = new Checks(connection, services);
  const fileOf = openFiles(connection, checks);
  connection.onInitialize(() => ABILITIES);
  answerPlaces(connection, fileOf);
  connection.onCompletion(({ textDocument, position }) => {
    const file = fileOf(textDocument.uri);
    return file && completions(file, position, services);
  });
  connection.onHover(async ({ textDocument, position }) => {
    const file = fileOf(textDocument.uri);
    return file && hover(file, file.offsetAt(position), checks);
  });
  connection.onCodeAction(async ({ textDocument, range }) => {
    const file = fileOf(textDocument.uri);
    if (file === undefined) return undefined;
    const report = await checks.reportOf(file);
    const found = findQuickFixes([...report.problems, ...report.advice], file.spanOf(range));
    return found.map((fix) => protocolAction(file, fix, report));
  });
  connection.onDocumentFormatting(({ textDocument }) => {
    const file = fileOf(textDocument.uri);
    return file && formatEdits(file);
  });
  return { [Symbol.dispose]: () => checks.dispose() };
}

type FileOf = (uri: string) => OpenFile | undefined;

/** Keeps what was made of a document until its next version. */
function openFiles(connection: Connection, checks: Checks): FileOf {
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
    return file && documentSymbols(file);
  });
  connection.onPrepareRename(({ textDocument: { uri }, position }) => {
    const file = fileOf(uri);
    const span = file && findRenameable(file.document, file.offsetAt(position));
    return file && span && file.rangeOf(span);
  });
  connection.onRenameRequest(({ textDocument: { uri }, position, newName }) => {
    const file = fileOf(uri);
    if (file === undefined) return undefined;
    const spans = refusing(() => renameStage(file.document, file.offsetAt(position), newName));
    return { changes: { [uri]: spans.map((span) => file.edit(span, newName)) } };
  });
}

/** What stands there, and what the checks that found something there are about. */
async function hover(file: OpenFile, offset: number, checks: Checks): Promise<Hover | undefined> {
  const found = findHover(file.document, offset);
  const { problems, advice } = await checks.reportOf(file);
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

/** A request that makes no sense is answered with why. */
function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isMkimageError(error)) throw error;
    const hint = error.hint === undefined ? '' : `: ${error.hint}`;
    throw new ResponseError(ErrorCodes.InvalidParams, error.message + hint);
  }
}

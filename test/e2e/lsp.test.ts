import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type CodeAction,
  CodeActionRequest,
  type CompletionItem,
  CompletionRequest,
  DefinitionRequest,
  type Diagnostic,
  DiagnosticSeverity,
  DocumentFormattingRequest,
  DocumentSymbolRequest,
  HoverRequest,
  type InitializeResult,
  type MarkupContent,
  type Position,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
  type TextEdit,
} from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { LanguageClient } from '../support/language-client.ts';
import { tempDir } from '../support/temp.ts';

/** The language server as an editor meets it: the built command line, over pipes. */
const test = suite('mkimage lsp');
const root = tempDir('lsp');
const env = { MKIMAGE_ROOT: join(root, 'store') };
let client: LanguageClient;
let abilities: InitializeResult;

test.before.each(async () => {
  client = new LanguageClient(env);
  abilities = await client.initialize();
});

test.after.each(() => {
  client.connection.dispose();
  client.child.kill();
});

const BUILD_FILE = `ARG VERSION=1
FROM alpine:$VERSION AS Build
ENV NAME=x
RUN echo $NAME

FROM scratch
COPY --from=build /a /b
RUN --mount=type=bind,from=BUILD,target=/m true
`;

function place(text: string, wanted: string, inside = 0): Position {
  return TextDocument.create('', '', 0, text).positionAt(text.indexOf(wanted) + inside);
}

function applied(text: string, edits: readonly TextEdit[]): string {
  return TextDocument.applyEdits(TextDocument.create('', '', 0, text), [...edits]);
}

function codesOf(found: readonly Diagnostic[]): readonly string[] {
  return found.map(({ code }) => String(code)).toSorted();
}

/** What a request is refused with. */
function messageOf(request: Promise<unknown>): Promise<string> {
  return request.then(
    () => 'it was not refused',
    (error: Error) => error.message,
  );
}

test("heeds hadolint's settings of the folders around a build file", async () => {
  const folder = join(root, 'settings/inside');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(root, 'settings/.hadolint.yaml'), 'ignored: [DL3059]\noverride:\n  error: [DL3003]\n');
  const uri = `file://${join(folder, 'Dockerfile')}`;
  await client.open(uri, 'FROM scratch\nRUN cd /x\nRUN true\n');
  const found = await client.diagnostics(uri, 1);
  assert.equal(
    found.map(({ code, severity }) => [code, severity]),
    [['CdInRun', 1]],
  );
});

test('says what it can do', async () => {
  const { capabilities, serverInfo } = abilities;
  assert.is(serverInfo?.name, 'mkimage');
  assert.ok(capabilities.hoverProvider && capabilities.renameProvider && capabilities.documentFormattingProvider);
});

test('tells faults of form, and mends them', async () => {
  const text = 'FROM scratch\nCOPPY a /b\nCOPY --form=x:1 a /b\n';
  const uri = await client.open('untitled:one', text);
  const found = await client.diagnostics(uri, 1);
  assert.equal(
    found.map(({ code, range, severity }) => [code, range.start.line, range.start.character, severity]),
    [
      ['unknown-instruction', 1, 0, 1],
      ['unknown-flag', 2, 5, 1],
    ],
  );
  const range = { start: { line: 0, character: 0 }, end: { line: 3, character: 0 } };
  const actions = (await client.connection.sendRequest(CodeActionRequest.type, {
    textDocument: { uri },
    range,
    context: { diagnostics: [] },
  })) as CodeAction[];
  assert.equal(
    actions.map(({ title, kind }) => [title, kind]),
    [
      ['write `COPY`', 'quickfix'],
      ['write `--from`', 'quickfix'],
    ],
  );
  const edits = actions.flatMap(({ edit }) => edit!.changes![uri]!);
  assert.is(applied(text, edits), 'FROM scratch\nCOPY a /b\nCOPY --from=x:1 a /b\n');
  await client.change(uri, 2, applied(text, edits));
  assert.equal(await client.diagnostics(uri, 2), []);
});

test('makes the checks of a build, with the ignore file beside the document, and again when it is saved', async () => {
  const folder = join(root, 'checks');
  mkdirSync(folder);
  writeFileSync(join(folder, '.dockerignore'), '*.jar\n');
  const text = 'FROM alpine as x\nCOPY app.jar /\nWORKDIR /$NOBODY\n';
  const uri = await client.open(join(folder, 'Dockerfile'), text);
  const found = await client.diagnostics(uri, 1);
  const checks = found.filter(({ severity }) => severity === DiagnosticSeverity.Warning);
  assert.equal(codesOf(checks), ['CopyIgnoredFile', 'FromAsCasing', 'UndefinedVar']);
  assert.match(checks[0]!.codeDescription!.href, 'https://docs.docker.com/');
  const advice = found.filter(({ severity }) => severity === DiagnosticSeverity.Information);
  assert.equal(codesOf(advice), ['UntaggedBaseImage']);
  writeFileSync(join(folder, '.dockerignore'), '*.war\n');
  await client.save(uri);
  assert.equal(codesOf(await client.diagnostics(uri, 1)), ['FromAsCasing', 'UndefinedVar', 'UntaggedBaseImage']);
  assert.not.ok(existsSync(env.MKIMAGE_ROOT), 'no store is made');
});

test('mends what a check finds, and says what the check is about', async () => {
  const uri = await client.open('untitled:casing', 'FROM alpine:3.20 as x\n');
  const position = { line: 0, character: 18 };
  const textDocument = { uri };
  const [action] = (await client.connection.sendRequest(CodeActionRequest.type, {
    textDocument,
    range: { start: position, end: position },
    context: { diagnostics: [] },
  })) as CodeAction[];
  assert.is(applied('FROM alpine:3.20 as x\n', action!.edit!.changes![uri]!), 'FROM alpine:3.20 AS x\n');
  assert.equal(codesOf(action!.diagnostics!), ['FromAsCasing']);
  const hover = await client.connection.sendRequest(HoverRequest.type, { textDocument, position });
  assert.match((hover!.contents as MarkupContent).value, /FromAsCasing/);
});

test('waits until the user stops typing', async () => {
  const uri = await client.open('untitled:typing', 'F');
  for (let version = 2; version <= 13; version += 1)
    await client.change(uri, version, 'FROM scratch\n'.slice(0, version));
  await client.diagnostics(uri, 13);
  assert.is(client.unread, 0);
});

test('completes keywords, flags, stages, variables and paths', async () => {
  const folder = join(root, 'paths');
  mkdirSync(join(folder, 'src', 'deep'), { recursive: true });
  writeFileSync(join(folder, 'src', 'main.c'), '');
  const uri = await client.open(join(folder, 'Dockerfile'), '');
  let version = 1;
  const labels = async (text: string): Promise<readonly string[]> => {
    version += 1;
    await client.change(uri, version, text);
    const position = TextDocument.create('', '', 0, text).positionAt(text.length);
    const items = await client.connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position });
    return (items as CompletionItem[]).map(({ label }) => label);
  };
  assert.ok((await labels('FR')).includes('FROM'));
  assert.ok((await labels('FROM a\nCOPY --')).includes('--from='));
  assert.equal(await labels('FROM a AS one\nFROM b\nCOPY --from='), ['one']);
  assert.equal(await labels('FROM a\nENV X=1\nRUN echo ${'), ['X']);
  assert.equal((await labels('FROM a\nCOPY src/')).toSorted(), ['deep/', 'main.c']);
});

test('shows, finds, lists and renames', async () => {
  const uri = await client.open('untitled:places', BUILD_FILE);
  const textDocument = { uri };
  const { connection } = client;
  const keyword = await connection.sendRequest(HoverRequest.type, {
    textDocument,
    position: place(BUILD_FILE, 'RUN', 1),
  });
  assert.match((keyword!.contents as MarkupContent).value, 'Runs a command');
  const use = place(BUILD_FILE, '$NAME', 2);
  assert.equal(await connection.sendRequest(DefinitionRequest.type, { textDocument, position: use }), {
    uri,
    range: { start: { line: 2, character: 4 }, end: { line: 2, character: 8 } },
  });
  const position = place(BUILD_FILE, 'BUILD,', 2);
  const references = await connection.sendRequest(ReferencesRequest.type, {
    textDocument,
    position,
    context: { includeDeclaration: true },
  });
  assert.equal(
    references!.map(({ range }) => range.start.line),
    [1, 6, 7],
  );
  const symbols = await connection.sendRequest(DocumentSymbolRequest.type, { textDocument });
  assert.equal(
    symbols!.map(({ name }) => name),
    ['VERSION', 'Build', 'stage-1'],
  );
  assert.ok(await connection.sendRequest(PrepareRenameRequest.type, { textDocument, position }));
  const renamed = await connection.sendRequest(RenameRequest.type, { textDocument, position, newName: 'made' });
  const after = applied(BUILD_FILE, renamed!.changes![uri]!);
  assert.is(after, BUILD_FILE.replace('AS Build', 'AS made').replace('=build', '=made').replace('=BUILD', '=made'));
  const refused = connection.sendRequest(RenameRequest.type, { textDocument, position, newName: '1x' });
  assert.match(await messageOf(refused), 'invalid stage name');
});

test('formats a document, also one with a byte order mark, and leaves one with errors alone', async () => {
  const options = { tabSize: 4, insertSpaces: true };
  const text = '\ufefffrom   scratch\ncopy a  b\n';
  const uri = await client.open('untitled:loose', text);
  const request = { textDocument: { uri }, options };
  const edits = await client.connection.sendRequest(DocumentFormattingRequest.type, request);
  assert.is(applied(text, edits!), '\ufeffFROM scratch\nCOPY a b\n');
  const faulty = { textDocument: { uri: await client.open('untitled:faulty', 'FRM x\n') }, options };
  const refused = client.connection.sendRequest(DocumentFormattingRequest.type, faulty);
  assert.match(await messageOf(refused), 'has errors');
});

test('stays fast in five thousand lines', async () => {
  const stage = 'RUN apt-get update && \\\n    apt-get install -y curl\nENV A=1 B=$A\nCOPY a b /c/\nRUN echo "$A $B"\n';
  const text = `FROM debian AS one\n${stage.repeat(1000)}`;
  const uri = await client.open('untitled:long', text);
  await client.diagnostics(uri, 1);
  const start = performance.now();
  await client.change(uri, 2, `${text}RUN echo $`);
  const position = { line: 5001, character: 10 };
  const items = await client.connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position });
  const completed = performance.now() - start;
  await client.diagnostics(uri, 2);
  const checked = performance.now() - start;
  assert.equal(
    (items as CompletionItem[]).map(({ label }) => label),
    ['A', 'B'],
  );
  assert.ok(completed < 5000 && checked < 10_000, `${Math.round(completed)} ms, ${Math.round(checked)} ms`);
});

test('ends with 0 after shutdown and exit, with 1 when the client goes away without', async () => {
  assert.is(await client.leave(), 0);
  const other = new LanguageClient(env);
  await other.initialize();
  other.child.stdin!.end();
  assert.is(await other.ended, 1);
  assert.equal([client.stderr, other.stderr], ['', '']);
});

test('ends on request', async () => {
  client.child.kill('SIGTERM');
  assert.is(await client.ended, 130);
});

test.run();

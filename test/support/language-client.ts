import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type Diagnostic,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DidSaveTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  ShutdownRequest,
} from 'vscode-languageserver-protocol';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';

/** An editor, as far as the language server can tell: the built command line at the other end of two pipes. */
export class LanguageClient {
  readonly child: ChildProcess;
  readonly connection: ProtocolConnection;
  readonly ended: Promise<number | null>;
  stderr = '';
  readonly #published: { readonly uri: string; readonly version?: number; readonly diagnostics: Diagnostic[] }[] = [];

  constructor(env: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [resolve('dist/cli.js'), 'lsp', '--stdio'], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stderr!.on('data', (chunk) => {
      this.stderr += chunk;
    });
    this.ended = new Promise((settle) => this.child.on('close', settle));
    const [reader, writer] = [new StreamMessageReader(this.child.stdout!), new StreamMessageWriter(this.child.stdin!)];
    this.connection = createProtocolConnection(reader, writer);
    this.connection.onNotification(PublishDiagnosticsNotification.type, (found) => void this.#published.push(found));
    this.connection.listen();
  }

  async initialize(): Promise<InitializeResult> {
    const result = await this.connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
    });
    await this.connection.sendNotification(InitializedNotification.type, {});
    return result;
  }

  /** Says that a file is open, whatever is on the disk; returns its URI. */
  async open(path: string, text: string): Promise<string> {
    const uri = path.startsWith('/') ? pathToFileURL(path).href : path;
    const textDocument = { uri, languageId: 'dockerfile', version: 1, text };
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
    return uri;
  }

  async change(uri: string, version: number, text: string): Promise<void> {
    const textDocument = { uri, version };
    const contentChanges = [{ text }];
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, { textDocument, contentChanges });
  }

  async save(uri: string): Promise<void> {
    await this.connection.sendNotification(DidSaveTextDocumentNotification.type, { textDocument: { uri } });
  }

  /** The next diagnostics of a version that have not been asked for yet. */
  async diagnostics(uri: string, version: number): Promise<Diagnostic[]> {
    for (let tries = 0; tries < 400; tries += 1) {
      const at = this.#published.findIndex((found) => found.uri === uri && found.version === version);
      if (at >= 0) return this.#published.splice(0, at + 1).at(-1)!.diagnostics;
      await new Promise((settle) => setTimeout(settle, 25));
    }
    throw new Error(`no diagnostics of version ${version}\n${this.stderr}`);
  }

  /** How often diagnostics have come that nobody has looked at. */
  get unread(): number {
    return this.#published.length;
  }

  async leave(): Promise<number | null> {
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    return this.ended;
  }
}

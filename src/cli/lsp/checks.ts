import type { Connection } from 'vscode-languageserver';
import type { DocumentReport, LanguageServices } from '../../engine/authoring/index.ts';
import { toProtocolDiagnostics } from './diagnostics.ts';
import { toFilePath } from './file-path.ts';
import type { OpenFile } from './open-file.ts';

/** Delay after the last change before a document is checked (milliseconds). */
const DELAY = 200;

/** Checks documents after a pause in typing, and sends the findings to the client. */
export class Checks {
  readonly #connection: Connection;
  readonly #services: LanguageServices;
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #found = new WeakMap<OpenFile, Promise<DocumentReport>>();

  constructor(connection: Connection, services: LanguageServices) {
    this.#connection = connection;
    this.#services = services;
  }

  /** `current` returns the file at the end of the delay; undefined if it was closed. */
  schedule(uri: string, current: () => OpenFile | undefined): void {
    clearTimeout(this.#waiting.get(uri));
    this.#waiting.set(
      uri,
      setTimeout(() => void this.#publish(current), DELAY),
    );
  }

  /** Drops the findings of a file, because base images in the store or the ignore file may have changed. */
  forget(file: OpenFile): void {
    this.#found.delete(file);
  }

  close(uri: string): void {
    clearTimeout(this.#waiting.get(uri));
    this.#waiting.delete(uri);
    void this.#connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  dispose(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
  }

  findReport(file: OpenFile): Promise<DocumentReport> {
    const found = this.#found.get(file) ?? this.#check(file);
    this.#found.set(file, found);
    return found;
  }

  /** If the store cannot be read, only the syntax of the file is checked. */
  async #check(file: OpenFile): Promise<DocumentReport> {
    const { source: text, file: parsed } = file.document;
    try {
      return await this.#services.check({ text, parsed, path: toFilePath(file.text.uri) });
    } catch (error) {
      this.#connection.console.warn(`cannot run checks: ${error instanceof Error ? error.message : String(error)}`);
      return { problems: parsed.diagnostics, advice: [] };
    }
  }

  /** Sends the findings, unless the document has changed since. */
  async #publish(current: () => OpenFile | undefined): Promise<void> {
    await waitForRequests();
    const file = current();
    if (file === undefined) return;
    const report = await this.findReport(file);
    if (current() !== file) return;
    const { uri, version } = file.text;
    await this.#connection.sendDiagnostics({ uri, version, diagnostics: toProtocolDiagnostics(file, report) });
  }
}

/** Lets pending requests run first, because a user waits for their answers. */
function waitForRequests(): Promise<void> {
  return new Promise((settle) => setImmediate(settle));
}

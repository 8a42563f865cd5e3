import type { Connection } from 'vscode-languageserver';
import type { DocumentReport, LanguageServices } from '../../engine/authoring/index.ts';
import { protocolDiagnostics } from './diagnostics.ts';
import { filePath } from './file-path.ts';
import type { OpenFile } from './open-file.ts';

/** How long somebody who types must pause. */
const PAUSE = 200;

/** Looks at documents when nobody has typed for a moment, and tells the client what it found. */
export class Checks {
  readonly #connection: Connection;
  readonly #services: LanguageServices;
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #found = new WeakMap<OpenFile, Promise<DocumentReport>>();

  constructor(connection: Connection, services: LanguageServices) {
    this.#connection = connection;
    this.#services = services;
  }

  /** `current` gives the file as it is when the pause is over. */
  schedule(uri: string, current: () => OpenFile | undefined): void {
    clearTimeout(this.#waiting.get(uri));
    this.#waiting.set(
      uri,
      setTimeout(() => void this.#publish(current), PAUSE),
    );
  }

  /** The base images of the store and the ignore file may be others now. */
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

  reportOf(file: OpenFile): Promise<DocumentReport> {
    const found = this.#found.get(file) ?? this.#check(file);
    this.#found.set(file, found);
    return found;
  }

  /** If the store cannot be read, the form of the file can still be judged. */
  async #check(file: OpenFile): Promise<DocumentReport> {
    const { source: text, file: parsed } = file.document;
    try {
      return await this.#services.check({ text, parsed, path: filePath(file.text.uri) });
    } catch (error) {
      this.#connection.console.warn(`checks are not made: ${error instanceof Error ? error.message : String(error)}`);
      return { problems: parsed.diagnostics, advice: [] };
    }
  }

  /** What was found in a version that is gone by now is not told. */
  async #publish(current: () => OpenFile | undefined): Promise<void> {
    await answersFirst();
    const file = current();
    if (file === undefined) return;
    const report = await this.reportOf(file);
    if (current() !== file) return;
    const { uri, version } = file.text;
    await this.#connection.sendDiagnostics({ uri, version, diagnostics: protocolDiagnostics(file, report) });
  }
}

/** Whoever waits for an answer is served before what nobody has asked for. */
function answersFirst(): Promise<void> {
  return new Promise((settle) => setImmediate(settle));
}

/** Answers for an editor that are not in the text itself. */
import { existsSync } from 'node:fs';
import { createQuietCall } from '../../progress.ts';
import type { Config } from '../config.ts';
import { openServices, type Services } from '../services.ts';
import { type CheckedDocument, checkDocument, type DocumentReport } from './check-document.ts';
import { type ContextEntry, listContextEntries } from './context-entries.ts';

export type { CheckedDocument, ContextEntry, DocumentReport };

export interface LanguageServices extends AsyncDisposable {
  /** Returns all findings about a document. Throws only for store errors. */
  check(document: CheckedDocument): Promise<DocumentReport>;
  /** Returns paths that complete the typed one, for COPY and ADD of this build file. */
  listEntries(buildFile: string, typed: string): readonly ContextEntry[];
}

/** Creates no store: looking at a file must not leave anything on disk. */
export function openLanguageServices(config: Config): LanguageServices {
  let services: Services | undefined;
  const openStore = (): Services | undefined => {
    if (services === undefined && existsSync(config.root)) services = openServices(config);
    return services;
  };
  return {
    check: (document) => checkDocument(openStore(), { config, document }, createQuietCall()),
    listEntries: listContextEntries,
    [Symbol.asyncDispose]: async () => services?.[Symbol.asyncDispose](),
  };
}

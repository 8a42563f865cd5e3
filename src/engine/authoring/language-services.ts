/** What an editor wants to know that is not in the text itself. */
import { existsSync } from 'node:fs';
import { quietCall } from '../../progress.ts';
import type { Config } from '../config.ts';
import { openServices, type Services } from '../services.ts';
import { type CheckedDocument, checkDocument, type DocumentReport } from './check-document.ts';
import { type ContextEntry, contextEntries } from './context-entries.ts';

export type { CheckedDocument, ContextEntry, DocumentReport };

export interface LanguageServices extends AsyncDisposable {
  /** All there is to say of a document. Throws only for faults of the store. */
  check(document: CheckedDocument): Promise<DocumentReport>;
  /** Paths that COPY and ADD of this build file could go on with. */
  entries(buildFile: string, typed: string): readonly ContextEntry[];
}

/** Makes no store where there is none: to look at a file must leave nothing behind. */
export function openLanguageServices(config: Config): LanguageServices {
  let services: Services | undefined;
  const store = (): Services | undefined => {
    if (services === undefined && existsSync(config.root)) services = openServices(config);
    return services;
  };
  return {
    check: (document) => checkDocument(store(), config, document, quietCall()),
    entries: contextEntries,
    [Symbol.asyncDispose]: async () => services?.[Symbol.asyncDispose](),
  };
}

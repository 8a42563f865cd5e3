import { fileURLToPath } from 'node:url';

/** Converts a document URI to a path. Returns undefined if the document is not a file (e.g. not saved yet). */
export function toFilePath(uri: string): string | undefined {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined;
  }
}

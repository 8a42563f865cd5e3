import { fileURLToPath } from 'node:url';

/** Where a document lies; undefined if it has not been saved yet, or lies somewhere else. */
export function filePath(uri: string): string | undefined {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined;
  }
}

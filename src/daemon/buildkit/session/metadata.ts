import type { OutgoingHttpHeaders } from 'node:http2';

/**
 * Lists of texts as metadata of a call. Headers are ASCII, so a list with other characters is percent-encoded, and the
 * client is told so by `KEY-encoded`.
 */
export function toMetadata(lists: Readonly<Record<string, readonly string[]>>): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(lists).flatMap(([key, values]): [string, string[]][] => {
      if (values.length === 0) return [];
      if (values.every(isPlain)) return [[key, [...values]]];
      return [
        [key, values.map(encodeURIComponent)],
        [`${key}-encoded`, ['1']],
      ];
    }),
  );
}

function isPlain(text: string): boolean {
  return !/[^\x20-\x7e]/.test(text) && text.trim() === text;
}

import { MkimageError } from '../../errors.ts';
import { createLimitError, getLimits } from '../../limits.ts';

/** Registries refuse larger manifests and configs. */
export const MAX_JSON_BYTES = 4 * 1024 * 1024;

/**
 * Parses untrusted JSON: valid UTF-8, at most 4 MiB, no repeated member (two readers could see two different images), nesting
 * within the limit. `what` is for messages: `manifest`. Throws `limit`, `invalid-archive`.
 */
export function parseStrictJson(bytes: Uint8Array, what: string): unknown {
  if (bytes.length > MAX_JSON_BYTES) {
    throw new MkimageError('limit', `read ${what}: ${bytes.length} bytes are more than ${MAX_JSON_BYTES}`);
  }
  const text = decode(bytes, what);
  const value = parse(text, what);
  const twice = findRepeatedMember(text, what);
  if (twice === undefined) return value;
  throw new MkimageError('invalid-archive', `read ${what}: member \`${twice.slice(0, 100)}\` is repeated`);
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new MkimageError('invalid-archive', `read ${what}: not UTF-8 text`, { cause });
  }
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MkimageError('invalid-archive', `read ${what}: not JSON`, { cause });
  }
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPENING = [0x5b, 0x7b];
const CLOSING = [0x5d, 0x7d];
const BLANK = [0x20, 0x09, 0x0a, 0x0d];

/** Finds a repeated member. In valid JSON a string is a member's name if, and only if, a colon follows. */
function findRepeatedMember(text: string, what: string): string | undefined {
  const deepest = getLimits().JSON_DEPTH;
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (OPENING.includes(char)) {
      open.push(new Set());
      if (open.length > deepest)
        throw createLimitError('JSON_DEPTH', `read ${what}: nested deeper than ${deepest} levels`);
    } else if (CLOSING.includes(char)) open.pop();
    else if (char === QUOTE) {
      const end = findStringEnd(text, at);
      if (isFollowedByColon(text, end)) {
        const name = JSON.parse(text.slice(at, end)) as string;
        if (open.at(-1)!.has(name)) return name;
        open.at(-1)!.add(name);
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** The offset after the closing quote of the string that starts at `start`. */
function findStringEnd(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote + 1;
}

/** True if an odd number of backslashes precedes. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}

function isFollowedByColon(text: string, from: number): boolean {
  let at = from;
  while (BLANK.includes(text.charCodeAt(at))) at++;
  return text.charCodeAt(at) === COLON;
}

import { posix } from 'node:path';

/** The patterns of an ignore file as clients take them: without comments, and as paths from the root of the context. */
export function readIgnorePatterns(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '!')
    .map((line) => (line.startsWith('!') ? `!${normalize(line.slice(1).trim())}` : normalize(line)));
}

function normalize(pattern: string): string {
  const clean = posix.normalize(pattern);
  const relative = clean.length > 1 && clean.startsWith('/') ? clean.slice(1) : clean;
  return relative.length > 1 && relative.endsWith('/') ? relative.slice(0, -1) : relative;
}

import { posix } from 'node:path';
import type { Range } from '../../instructions/index.ts';
import { quote } from '../words/go-format.ts';
import { createRuleUrl, type Report, type Rule } from './rule.ts';

export const CopyIgnoredFile: Rule = {
  name: 'CopyIgnoredFile',
  description: 'Copy nothing that the ignore file hides',
  url: createRuleUrl('copy-ignored-file'),
};

/** A name that no ignore file lists. If it is ignored, everything is ignored. */
const ANY_NAME = 'any name at all';

/** Reports the context directory itself only if everything in it is ignored. */
export function checkCopyIgnoredFile(
  instruction: 'COPY' | 'ADD',
  source: string,
  isIgnored: (path: string) => boolean,
  range: Range,
  report: Report,
): void {
  const path = posix.normalize(source).replace(/(?<=.)\/$/, '');
  const isRoot = path === '.' || path === '/';
  if (!isIgnored(isRoot ? ANY_NAME : path)) return;
  const verb = instruction === 'COPY' ? 'Copy' : 'Add';
  report(CopyIgnoredFile, `Attempting to ${verb} file ${quote(path)} that is excluded by .dockerignore`, range);
}

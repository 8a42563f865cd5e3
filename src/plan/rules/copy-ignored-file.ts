import { posix } from 'node:path';
import type { Range } from '../../instructions/index.ts';
import { quote } from '../words/go-format.ts';
import { type Report, type Rule, ruleUrl } from './rule.ts';

export const CopyIgnoredFile: Rule = {
  name: 'CopyIgnoredFile',
  description: 'Copy nothing that the ignore file hides',
  url: ruleUrl('copy-ignored-file'),
};

/** No ignore file has a reason to list it: where it is ignored, everything is. */
const ANY_NAME = 'any name at all';

/** The context itself is found only if everything in it is ignored. */
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

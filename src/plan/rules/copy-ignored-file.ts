import { posix } from 'node:path';
import { quote } from '../words/go-format.ts';
import { createRuleUrl, type Place, type Rule } from './rule.ts';

export const CopyIgnoredFile: Rule = {
  name: 'CopyIgnoredFile',
  description: 'Do not copy files that the ignore file excludes',
  url: createRuleUrl('copy-ignored-file'),
};

/** A name that no ignore file lists. If it is ignored, everything is ignored. */
const ANY_NAME = 'any name at all';

/** Reports the context directory itself only if everything in it is ignored. */
export function checkCopyIgnoredFile(
  instruction: 'COPY' | 'ADD',
  source: string,
  { isIgnored, range, report }: Place & { readonly isIgnored: (path: string) => boolean },
): void {
  const path = posix.normalize(source).replace(/(?<=.)\/$/, '');
  const isRoot = path === '.' || path === '/';
  if (!isIgnored(isRoot ? ANY_NAME : path)) return;
  const verb = instruction === 'COPY' ? 'Copy' : 'Add';
  report({
    rule: CopyIgnoredFile,
    detail: `Attempting to ${verb} file ${quote(path)} that is excluded by .dockerignore`,
    range,
  });
}

/** Base images whose name can refer to a different image later. */
import type { Word } from '../../instructions/index.ts';
import type { LintFile, LintStage } from '../lint-file.ts';
import { type LintRule, pageOf } from '../rule.ts';

export const UntaggedBaseImage: LintRule = {
  name: 'UntaggedBaseImage',
  code: 'DL3006',
  description: 'Name the tag or digest of a base image',
  url: pageOf('UntaggedBaseImage'),
  *find(file) {
    for (const { from, name } of externalBases(file)) {
      if (name.includes('@') || name.lastIndexOf(':') > name.lastIndexOf('/')) continue;
      yield {
        instruction: from,
        detail: `\`${name}\` has no tag, so it is \`${name}:latest\``,
        range: from.image.range,
      };
    }
  },
};

export const LatestBaseImage: LintRule = {
  name: 'LatestBaseImage',
  code: 'DL3007',
  description: 'Name a tag that stays what it is, not `latest`',
  url: pageOf('LatestBaseImage'),
  *find(file) {
    for (const { from, name } of externalBases(file)) {
      if (!/:latest$/.test(name)) continue;
      yield { instruction: from, detail: `\`${name}\` is another image tomorrow`, range: from.image.range };
    }
  },
};

/** Base images with a literal name, except stages, additional build contexts and `scratch`. */
function externalBases({ stages, contexts }: LintFile) {
  return stages.flatMap(({ source: { from }, base }: LintStage) => {
    const name = literal(from.image);
    if (name === undefined || base || name === 'scratch' || contexts.has(name)) return [];
    return [{ from, name }];
  });
}

/** The text of a word; undefined if it contains a variable. */
export function literal(word: Word): string | undefined {
  let text = '';
  for (const part of word.parts) {
    if (part.kind !== 'text') return undefined;
    text += part.text;
  }
  return text;
}

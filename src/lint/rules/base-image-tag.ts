/** Base images whose name can refer to a different image later. */
import type { Word } from '../../instructions/index.ts';
import type { LintFile, LintStage } from '../lint-file.ts';
import { type LintRule, pageOf } from '../rule.ts';

export const UntaggedBaseImage: LintRule = {
  name: 'UntaggedBaseImage',
  code: 'DL3006',
  description: 'Give base images a tag or digest',
  url: pageOf('UntaggedBaseImage'),
  *find(file) {
    for (const { from, name } of listExternalBases(file)) {
      if (name.includes('@') || name.lastIndexOf(':') > name.lastIndexOf('/')) continue;
      yield {
        instruction: from,
        detail: `\`${name}\` has no tag, which means \`${name}:latest\``,
        range: from.image.range,
      };
    }
  },
};

export const LatestBaseImage: LintRule = {
  name: 'LatestBaseImage',
  code: 'DL3007',
  description: 'Use a specific tag, not `latest`',
  url: pageOf('LatestBaseImage'),
  *find(file) {
    for (const { from, name } of listExternalBases(file)) {
      if (!/:latest$/.test(name)) continue;
      yield { instruction: from, detail: `\`${name}\` can be a different image at any time`, range: from.image.range };
    }
  },
};

/** Base images with a literal name, except stages, additional build contexts and `scratch`. */
function listExternalBases({ stages, contexts }: LintFile) {
  return stages.flatMap(({ source: { from }, base }: LintStage) => {
    const name = readLiteral(from.image);
    if (name === undefined || base || name === 'scratch' || contexts.has(name)) return [];
    return [{ from, name }];
  });
}

/** The text of a word; undefined if it contains a variable. */
export function readLiteral(word: Word): string | undefined {
  let text = '';
  for (const part of word.parts) {
    if (part.kind !== 'text') return undefined;
    text += part.text;
  }
  return text;
}

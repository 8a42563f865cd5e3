import { type LintRule, pageOf } from '../rule.ts';

export const IgnoreComment: LintRule = {
  name: 'IgnoreComment',
  code: 'DL1001',
  description: 'Fix findings; do not hide them with a comment',
  url: pageOf('IgnoreComment'),
  experimental: true,
  *find({ file }) {
    for (const instruction of file.instructions) {
      for (const { text, range } of instruction.comments) {
        if (!/^\s*hadolint\s+(?:global\s+)?ignore\s*=/.test(text)) continue;
        yield { instruction, detail: 'a comment hides findings', range };
      }
    }
  },
};

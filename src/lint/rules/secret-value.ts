import type { Instruction } from '../../instructions/index.ts';
import { type LintRule, pageOf } from '../rule.ts';
import { findSecrets } from '../secrets/shapes.ts';

export const SecretValue: LintRule = {
  name: 'SecretValue',
  description: 'Pass secrets with `--secret`; do not write them into the build file',
  url: pageOf('SecretValue'),
  *find({ file, source }) {
    const { instructions } = file;
    let at = 0;
    for (const { name, start, end } of findSecrets(source.text)) {
      while (at < instructions.length && instructions[at]!.range.end.offset <= start) at += 1;
      const instruction = instructions[at];
      if (instruction === undefined) return;
      if (instruction.range.start.offset > start) continue;
      const detail = `${nameOf(instruction)} holds ${name}: everybody with access to the image or the file can read it`;
      yield { instruction, detail, range: source.toRange(start, end) };
    }
  },
};

function nameOf({ keyword }: Instruction): string {
  return `\`${keyword.toUpperCase()}\``;
}

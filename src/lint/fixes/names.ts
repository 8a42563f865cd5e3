/** Fixes for names of stages and variables. */
import type { Instruction, TextEdit, Word } from '../../instructions/index.ts';
import type { FixContext } from './fix-context.ts';

/** Renames the stage and every `--from` that names it. ONBUILD stays: its text is part of the image, and case does not matter. */
export function fixStageName({ instruction, lintFile }: FixContext) {
  if (instruction.kind !== 'from' || !instruction.as) return undefined;
  const wanted = instruction.as.name.toLowerCase();
  const uses = lintFile.file.instructions.flatMap(sourcesOf).filter(({ raw }) => raw.toLowerCase() === wanted);
  const words = [instruction.as, ...uses.filter(({ raw }) => raw !== wanted)];
  const edits = words.map(({ range }): TextEdit => ({ range, text: wanted }));
  return { title: `call the stage \`${wanted}\``, edits, isSafe: true } as const;
}

function sourcesOf(instruction: Instruction): readonly Word[] {
  if (instruction.kind === 'copy') return instruction.from ? [instruction.from] : [];
  if (instruction.kind !== 'run') return [];
  return instruction.mounts.flatMap(({ options }) =>
    options.flatMap(({ key, value }) => (key === 'from' && value ? [value] : [])),
  );
}

/** Replaces an undefined name by the most similar defined name. */
export function fixMisspelling({ finding, instruction, lintFile }: FixContext) {
  const { from = '', to = '' } = finding.misspelling ?? {};
  if (from === '') return undefined;
  const line = lintFile.source.line(instruction);
  const edits = [...line.text.matchAll(new RegExp(`\\$\\{?${from}(?!\\w)`, 'g'))].map((match): TextEdit => {
    const end = match.index + match[0].length;
    return { range: line.toRange(end - from.length, end), text: to };
  });
  return edits.length === 0 ? undefined : { title: `use \`$${to}\``, edits };
}

import type { Env, WordPart } from '../../instructions/index.ts';
import type { LintStage } from '../lint-file.ts';
import { type Hit, type LintRule, pageOf } from '../rule.ts';

export const SelfReferencingEnv: LintRule = {
  name: 'SelfReferencingEnv',
  code: 'DL3044',
  description: 'Use a variable only in an ENV after the one that sets it',
  url: pageOf('SelfReferencingEnv'),
  *find(file) {
    for (const stage of file.stages) {
      const known = namesBefore(stage.base);
      for (const instruction of stage.source.instructions) {
        if (instruction.kind === 'env') yield* earlyUses(instruction, known);
        for (const name of namesSetBy(instruction)) known.add(name);
      }
    }
  },
};

/** All values of an ENV are those from before it. Without a value before it is UndefinedVar that speaks up. */
function* earlyUses(env: Env, known: ReadonlySet<string>): Iterable<Hit> {
  const set = new Set<string>();
  for (const { key, value } of env.pairs) {
    const used = usedNames(value.parts);
    for (const name of used) {
      if (!set.has(name) || !known.has(name) || name === 'PATH') continue;
      const detail = `\`${name}\` is set anew by the same \`ENV\`, but this value still sees the old one`;
      yield { instruction: env, detail, range: value.range };
    }
    if (!used.includes(key.raw)) set.add(key.raw);
  }
}

function usedNames(parts: readonly WordPart[]): readonly string[] {
  return parts.flatMap((part) =>
    part.kind === 'variable' ? [part.name, ...usedNames(part.operand ?? []), ...usedNames(part.replacement ?? [])] : [],
  );
}

function namesSetBy(instruction: LintStage['source']['instructions'][number]): readonly string[] {
  if (instruction.kind === 'env') return instruction.pairs.map(({ key }) => key.raw);
  return instruction.kind === 'arg' ? instruction.args.map(({ name }) => name) : [];
}

function namesBefore(stage: LintStage | undefined): Set<string> {
  if (!stage) return new Set();
  return new Set([...namesBefore(stage.base), ...stage.source.instructions.flatMap(namesSetBy)]);
}

import type { Env, WordPart } from '../../instructions/index.ts';
import { type Hit, type LintRule, pageOf } from '../rule.ts';

export const SelfReferencingEnv: LintRule = {
  name: 'SelfReferencingEnv',
  code: 'DL3044',
  description: 'Use a variable only in an ENV after the one that sets it',
  url: pageOf('SelfReferencingEnv'),
  *find(file) {
    for (const stage of file.stages) {
      for (const instruction of stage.source.instructions) {
        if (instruction.kind === 'env') yield* findEarlyUses(instruction);
      }
    }
  },
};

/** All values of an ENV use the variables from before the ENV. Extending a variable once (`PATH=/bin:$PATH`) is correct use. */
function* findEarlyUses(env: Env): Iterable<Hit> {
  const replaced = new Set<string>();
  const added = new Set<string>();
  for (const { key, value } of env.pairs) {
    const name = key.raw;
    const used = listUsedNames(value.parts);
    for (const each of used) {
      if (!replaced.has(each) && !(each === name && added.has(each))) continue;
      const detail = `\`${each}\` is set by the same \`ENV\`, but this value uses the value from before`;
      yield { instruction: env, detail, range: value.range };
    }
    (used.includes(name) ? added : replaced).add(name);
  }
}

function listUsedNames(parts: readonly WordPart[]): readonly string[] {
  return parts.flatMap((part) =>
    part.kind === 'variable'
      ? [part.name, ...listUsedNames(part.operand ?? []), ...listUsedNames(part.replacement ?? [])]
      : [],
  );
}

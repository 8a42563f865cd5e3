import type { Arg, ArgDeclaration, Env, KeyValue, Label } from '../../instructions/index.ts';
import { checkLegacyKeyValue } from '../rules/legacy-key-value-format.ts';
import { checkSecretName } from '../rules/secrets-used-in-arg-or-env.ts';
import { BUILDER_ARGS, findBuildArg } from '../stages/global-args.ts';
import { findDescription } from '../stages/stage.ts';
import { withVariable } from '../words/scope.ts';
import { checkNoNul } from './kernel-limits.ts';
import { addConfigStep, evaluateWord, type Lowering } from './lowering.ts';
import { type StageState, withCollected } from './stage-state.ts';

/** ENV: all pairs are expanded with the variables from before the instruction. */
export function lowerEnv(instruction: Env, state: StageState, lowering: Lowering): StageState {
  const pairs = expandPairs(instruction.pairs, state, lowering);
  checkLegacyKeyValue(instruction.keyword, instruction.pairs, lowering);
  for (const [name, value] of pairs) {
    checkSecretName('ENV', name, lowering);
    checkNoNul(name + value, `variable \`${name}\``);
  }
  const next = pairs.reduce((current, [name, value]) => setEnv(current, name, value), state);
  return addConfigStep(next, lowering, { instruction, createdBy: `ENV ${formatPairs(pairs)}` });
}

function setEnv(state: StageState, name: string, value: string): StageState {
  const env = state.collected.env.with(name, `${name}=${value}`);
  return withCollected({ ...state, scope: withVariable(state.scope, name, value) }, { env });
}

export function lowerLabel(instruction: Label, state: StageState, lowering: Lowering): StageState {
  const pairs = expandPairs(instruction.pairs, state, lowering);
  checkLegacyKeyValue(instruction.keyword, instruction.pairs, lowering);
  const labels = pairs.reduce((all, [name, value]) => all.with(name, value), state.collected.labels);
  return addConfigStep(withCollected(state, { labels }), lowering, {
    instruction,
    createdBy: `LABEL ${formatPairs(pairs)}`,
  });
}

type Pair = readonly [key: string, value: string];

function expandPairs(pairs: readonly KeyValue[], state: StageState, lowering: Lowering): readonly Pair[] {
  return pairs.map(({ key, value }) => [evaluateWord(key, state, lowering), evaluateWord(value, state, lowering)]);
}

function formatPairs(pairs: readonly Pair[]): string {
  return pairs.map(([key, value]) => `${key}=${value}`).join(' ');
}

/** ARG: unlike ENV, each declaration can use the earlier ones on the same line. */
export function lowerArg(instruction: Arg, state: StageState, lowering: Lowering): StageState {
  let next = state;
  const shown: string[] = [];
  for (const declaration of instruction.args) {
    next = declareArg(next, lowering, { instruction, declaration });
    const { name, value } = next.args.get(declaration.name)!;
    shown.push(value === undefined ? name : `${name}=${value}`);
  }
  return addConfigStep(next, lowering, { instruction, createdBy: `ARG ${shown.join(' ')}` });
}

function declareArg(
  state: StageState,
  lowering: Lowering,
  { instruction, declaration }: { readonly instruction: Arg; readonly declaration: ArgDeclaration },
): StageState {
  const { name } = declaration;
  checkSecretName('ARG', name, lowering);
  const given = findBuildArg(lowering.request.buildArgs, name);
  const global = given === undefined && !declaration.value ? lowering.globals.get(name) : undefined;
  const value = given ?? global ?? (declaration.value && evaluateWord(declaration.value, state, lowering));
  const createArgInfo = () => {
    const description = findDescription(instruction, name);
    return { name, value, description, range: lowering.range, uses: new Set<string>() };
  };
  return {
    ...state,
    scope: value === undefined || BUILDER_ARGS.has(name) ? state.scope : withVariable(state.scope, name, value),
    args: state.args.with(name, { name, value }),
    argInfos: global === undefined ? state.argInfos.with(name, createArgInfo()) : state.argInfos,
    usedArgs: state.usedArgs.with(name),
  };
}

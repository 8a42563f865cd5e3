import type { Arg } from '../../../instructions/index.ts';
import { normalizeName } from '../../../oci/index.ts';
import { evaluateGlobals } from '../../stages/global-args.ts';
import type { StagedFile, StageSource } from '../../stages/stage.ts';
import { expand } from '../../words/expand.ts';
import { Fault } from '../../words/fault.ts';
import type { Scope } from '../../words/scope.ts';
import { createRuleUrl, type Report, type Rule } from '../rule.ts';

export const InvalidDefaultArgInFrom: Rule = {
  name: 'InvalidDefaultArgInFrom',
  description: 'Give global ARGs defaults that make every FROM a valid image name',
  url: createRuleUrl('invalid-default-arg-in-from'),
};

/** Evaluates every FROM without build arguments. Ignores faults: the real evaluation reports them. */
export function checkInvalidDefaultArg(file: StagedFile, automatic: Scope, report: Report): void {
  const defaults = evaluateDefaults(automatic, file.globals);
  if (!defaults) return;
  for (const stage of file.stages) {
    const isName = hasImageName(stage, defaults);
    if (isName === undefined) return;
    const detail = `Default value for ARG ${stage.from.image.raw} results in empty or invalid base image name`;
    if (!isName) report({ rule: InvalidDefaultArgInFrom, detail, range: stage.from.range });
  }
}

function evaluateDefaults(automatic: Scope, globals: readonly Arg[]): Scope | undefined {
  return ignoreFault(() => evaluateGlobals(automatic, globals, {}).scope);
}

function hasImageName(stage: StageSource, defaults: Scope): boolean | undefined {
  const name = ignoreFault(() => expand(stage.from.image, defaults).value);
  return name === undefined ? undefined : isReference(name);
}

function ignoreFault<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function isReference(name: string): boolean {
  try {
    normalizeName(name);
    return true;
  } catch {
    return false;
  }
}

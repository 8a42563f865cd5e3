/** Evaluates FROM instructions. */
import { isMkimageError } from '../../errors.ts';
import { type Platform, parsePlatform } from '../../oci/index.ts';
import type { PlanRequest } from '../request.ts';
import { checkConstantPlatform } from '../rules/from/from-platform-flag-const-disallowed.ts';
import { checkRedundantTargetPlatform } from '../rules/from/redundant-target-platform.ts';
import { checkUndefinedArgInFrom } from '../rules/from/undefined-arg-in-from.ts';
import type { Report } from '../rules/rule.ts';
import { expand } from '../words/expand.ts';
import { Fault } from '../words/fault.ts';
import { suggestNearest } from '../words/suggestion.ts';
import type { GlobalArgs } from './global-args.ts';
import type { StageSource } from './stage.ts';

export interface EvaluatedFrom {
  /** The name of a stage, context or image. */
  readonly baseName: string;
  /** From `--platform`. */
  readonly platform: Platform | undefined;
  readonly usedArgs: ReadonlySet<string>;
}

/** What the evaluation of a FROM needs besides its text. */
export interface FromContext {
  readonly globals: GlobalArgs;
  readonly request: PlanRequest;
  readonly report: Report;
}

/** Evaluates one FROM. Throws a Fault. */
export function evaluateFrom(stage: StageSource, context: FromContext): EvaluatedFrom {
  const { globals, report } = context;
  const { image, range } = stage.from;
  const declared = new Set([...globals.declared.keys(), ...globals.scope.keys()]);
  const name = expand(image, globals.scope);
  checkUndefinedArgInFrom(name.unmatched, declared, { range, report });
  if (name.value === '') {
    const hint = createUnsetHint(name.unmatched, declared);
    throw new Fault('empty-base', `base name (${image.raw}) should not be blank`, { hint });
  }
  const platform = evaluatePlatform(stage, declared, context);
  return {
    baseName: name.value,
    platform: platform?.value,
    usedArgs: new Set([...name.matched, ...(platform?.matched ?? [])]),
  };
}

interface EvaluatedPlatform {
  readonly value: Platform;
  readonly matched: ReadonlySet<string>;
}

function evaluatePlatform(
  stage: StageSource,
  declared: ReadonlySet<string>,
  { globals, request, report }: FromContext,
): EvaluatedPlatform | undefined {
  const word = stage.from.platform;
  if (!word || word.raw === '') return undefined;
  const written = expand(word, globals.scope);
  checkUndefinedArgInFrom(written.unmatched, declared, { range: stage.from.range, report });
  checkRedundantTargetPlatform(stage.from, report, { platform: written, globals: globals.scope });
  if (written.value === '') {
    const hint = createUnsetHint(written.unmatched, declared);
    throw new Fault('empty-platform', `empty platform value from expression ${word.raw}`, { hint, range: word.range });
  }
  const value = readPlatform(written.value, request.buildPlatform);
  checkConstantPlatform(stage, report, { written, platform: value });
  return { value, matched: written.matched };
}

function readPlatform(text: string, host: Platform): Platform {
  try {
    return parsePlatform(text, host);
  } catch (error) {
    if (!isMkimageError(error, 'usage')) throw error;
    throw new Fault('invalid-platform', error.message, { hint: error.hint });
  }
}

function createUnsetHint(unmatched: ReadonlySet<string>, declared: ReadonlySet<string>): string | undefined {
  for (const name of unmatched) {
    const hint = suggestNearest(name, declared);
    if (hint !== undefined) return hint;
  }
  const [name] = unmatched;
  return name === undefined ? undefined : `declare \`ARG ${name}=…\` before the first FROM`;
}

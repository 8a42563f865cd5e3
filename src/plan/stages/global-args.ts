/** Variables outside of stages: the automatic ones, and ARG before the first FROM. */
import type { Arg, ArgDeclaration, Range } from '../../instructions/index.ts';
import { formatWholePlatform, type Platform } from '../../oci/index.ts';
import type { PlanRequest } from '../request.ts';
import { expand } from '../words/expand.ts';
import { createMeter } from '../words/meter.ts';
import { EMPTY_SCOPE, type Scope, withVariable } from '../words/scope.ts';
import { findDescription } from './stage.ts';

/** One argument in an outline. */
export interface ArgInfo {
  readonly name: string;
  readonly value: string | undefined;
  readonly description: string | undefined;
  readonly range: Range;
  /** Names of the variables in its default value. */
  readonly uses: ReadonlySet<string>;
}

export interface GlobalArgs {
  readonly scope: Scope;
  readonly declared: ReadonlyMap<string, ArgInfo>;
}

/** Used by the builder itself, not visible to RUN. */
export const BUILDER_ARGS: ReadonlySet<string> = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE']);

/** BUILDPLATFORM to TARGETSTAGE. A build argument of the same name has precedence. */
export function createAutomaticArgs(request: PlanRequest, targetName: string | undefined): Scope {
  const values = {
    ...createPlatformArgs('BUILD', request.buildPlatform),
    ...createPlatformArgs('TARGET', request.platform),
    TARGETSTAGE: targetName || 'default',
  };
  return Object.entries(values).reduce(
    (scope, [name, value]) => withVariable(scope, name, findBuildArg(request.buildArgs, name) ?? value),
    EMPTY_SCOPE,
  );
}

function createPlatformArgs(prefix: string, platform: Platform): Record<string, string> {
  return {
    [`${prefix}PLATFORM`]: formatWholePlatform(platform),
    [`${prefix}OS`]: platform.os,
    [`${prefix}OSVERSION`]: platform['os.version'] ?? '',
    [`${prefix}ARCH`]: platform.architecture,
    [`${prefix}VARIANT`]: platform.variant ?? '',
  };
}

/** Evaluates global ARGs in order. Throws a Fault. */
export function evaluateGlobals(
  automatic: Scope,
  globals: readonly Arg[],
  buildArgs: PlanRequest['buildArgs'],
): GlobalArgs {
  const declared = new Map<string, ArgInfo>();
  let scope = automatic;
  const meter = createMeter();
  for (const arg of globals) {
    for (const declaration of arg.args) {
      const { value, uses } = evaluateGlobalValue(declaration, scope, buildArgs);
      meter.addValue(value ?? '');
      // `ARG A=$A-x` uses the earlier A, and so all variables that the earlier A uses.
      const earlier = uses.delete(declaration.name) ? (declared.get(declaration.name)?.uses ?? []) : [];
      const description = findDescription(arg, declaration.name);
      const info = { name: declaration.name, value, description, range: arg.range };
      declared.set(declaration.name, { ...info, uses: new Set([...uses, ...earlier]) });
      if (value !== undefined) scope = withVariable(scope, declaration.name, value);
    }
  }
  return { scope, declared };
}

function evaluateGlobalValue(declaration: ArgDeclaration, scope: Scope, buildArgs: PlanRequest['buildArgs']) {
  const given = findBuildArg(buildArgs, declaration.name);
  if (given !== undefined || !declaration.value) return { value: given, uses: new Set<string>() };
  const { value, matched } = expand(declaration.value, scope);
  return { value, uses: new Set(matched) };
}

/** The build argument of that name, if it is set. */
export function findBuildArg(buildArgs: PlanRequest['buildArgs'], name: string): string | undefined {
  return Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined;
}

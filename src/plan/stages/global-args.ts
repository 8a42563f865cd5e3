/** Variables outside of stages: those that are always there, and ARG before the first FROM. */
import type { Arg, ArgDeclaration, Range } from '../../instructions/index.ts';
import { formatWholePlatform, type Platform } from '../../oci/index.ts';
import type { PlanRequest } from '../request.ts';
import { expand } from '../words/expand.ts';
import { createMeter } from '../words/meter.ts';
import { EMPTY_SCOPE, type Scope, withVariable } from '../words/scope.ts';
import { descriptionOf } from './stage.ts';

/** What an outline tells of one argument. */
export interface ArgInfo {
  readonly name: string;
  readonly value: string | undefined;
  readonly description: string | undefined;
  readonly range: Range;
  /** Names that its default is made of. */
  readonly uses: ReadonlySet<string>;
}

export interface GlobalArgs {
  readonly scope: Scope;
  readonly declared: ReadonlyMap<string, ArgInfo>;
}

/** Seen by the builder itself, never by a RUN. */
export const BUILDER_ARGS: ReadonlySet<string> = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE']);

/** BUILDPLATFORM to TARGETSTAGE; a build argument of the same name wins. */
export function automaticArgs(request: PlanRequest, targetName: string | undefined): Scope {
  const values = {
    ...platformArgs('BUILD', request.buildPlatform),
    ...platformArgs('TARGET', request.platform),
    TARGETSTAGE: targetName || 'default',
  };
  return Object.entries(values).reduce(
    (scope, [name, value]) => withVariable(scope, name, buildArg(request.buildArgs, name) ?? value),
    EMPTY_SCOPE,
  );
}

function platformArgs(prefix: string, platform: Platform): Record<string, string> {
  return {
    [`${prefix}PLATFORM`]: formatWholePlatform(platform),
    [`${prefix}OS`]: platform.os,
    [`${prefix}OSVERSION`]: platform['os.version'] ?? '',
    [`${prefix}ARCH`]: platform.architecture,
    [`${prefix}VARIANT`]: platform.variant ?? '',
  };
}

/** Evaluates global ARGs one after the other. Throws a Fault. */
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
      const { value, uses } = globalValue(declaration, scope, buildArgs);
      meter.addValue(value ?? '');
      // `ARG A=$A-x` builds on the earlier A, so on what that was made of.
      const earlier = uses.delete(declaration.name) ? (declared.get(declaration.name)?.uses ?? []) : [];
      const description = descriptionOf(arg, declaration.name);
      const info = { name: declaration.name, value, description, range: arg.range };
      declared.set(declaration.name, { ...info, uses: new Set([...uses, ...earlier]) });
      if (value !== undefined) scope = withVariable(scope, declaration.name, value);
    }
  }
  return { scope, declared };
}

function globalValue(declaration: ArgDeclaration, scope: Scope, buildArgs: PlanRequest['buildArgs']) {
  const given = buildArg(buildArgs, declaration.name);
  if (given !== undefined || !declaration.value) return { value: given, uses: new Set<string>() };
  const { value, matched } = expand(declaration.value, scope);
  return { value, uses: new Set(matched) };
}

/** The build argument of that name, if it was given. */
export function buildArg(buildArgs: PlanRequest['buildArgs'], name: string): string | undefined {
  return Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined;
}

/** Sources that must exist in a context. The executor checks them before it runs a step; the linter checks them too. */
import { type FileTree, resolveInTree } from '../content/index.ts';
import { isMkimageError, type MkimageError } from '../errors.ts';
import type { CopyStep, FileSource, RunStep, Step } from '../plan/index.ts';
import type { Call } from '../progress.ts';
import { copySourceFault } from './copy/index.ts';
import type { ContextAccess } from './services.ts';
import { missingSource } from './sources/missing-source.ts';
import { withLocation } from './step-error.ts';

/** One path of COPY, ADD or a bind mount. */
export interface ContextSource {
  readonly step: Step;
  /** '' is the main context. */
  readonly context: string;
  /** Returns what is wrong with the source, undefined if nothing is wrong. */
  readonly fault: (tree: FileTree, services: ContextAccess) => Promise<MkimageError | undefined>;
}

/** Returns the context sources of all steps, in the order of the steps. */
export function contextSources(steps: readonly Step[]): readonly ContextSource[] {
  return steps.flatMap((step) => {
    if (step.kind === 'copy') return copySources(step);
    return step.kind === 'run' ? mountSources(step) : [];
  });
}

function copySources(step: CopyStep): readonly ContextSource[] {
  const { from } = step;
  if (from.kind !== 'context') return [];
  return step.sources.flatMap((source): ContextSource[] => {
    if (source.kind !== 'path') return [];
    return [
      {
        step,
        context: from.context,
        fault: (tree, services) => copySourceFault(services, step, { tree, pattern: source.pattern }),
      },
    ];
  });
}

function mountSources(step: RunStep): readonly ContextSource[] {
  return step.mounts.flatMap((mount): ContextSource[] => {
    if (mount.type !== 'bind' || mount.from.kind !== 'context') return [];
    const { from, source } = mount;
    return [
      { step, context: from.context, fault: (tree, services) => mountFault(services, tree, { from, path: source }) },
    ];
  });
}

interface SourcePath {
  readonly from: FileSource;
  readonly path: string;
}

async function mountFault(
  services: ContextAccess,
  tree: FileTree,
  { from, path }: SourcePath,
): Promise<MkimageError | undefined> {
  return tree.stat(resolveInTree(tree, path)) ? undefined : missingSource(services, tree, { from, path });
}

/**
 * Checks all sources, all contexts at the same time. Throws the first fault found in a context, with its place in the
 * build file, or the error of opening the context.
 */
export async function requireContextSources(
  steps: readonly Step[],
  services: ContextAccess,
  call: Call,
): Promise<void> {
  const byContext = new Map<string, ContextSource[]>();
  for (const source of contextSources(steps)) {
    byContext.set(source.context, [...(byContext.get(source.context) ?? []), source]);
  }
  await Promise.all([...byContext.values()].map((sources) => requireInOneContext(sources, services, call)));
}

async function requireInOneContext(
  sources: readonly ContextSource[],
  services: ContextAccess,
  call: Call,
): Promise<void> {
  for (const source of sources) {
    const fault = await sourceFault(source, services, call);
    if (fault !== undefined) throw withLocation(fault, source.step);
  }
}

/** Returns what is wrong with one source or with its context. */
export async function sourceFault(
  source: ContextSource,
  services: ContextAccess,
  call: Call,
): Promise<MkimageError | undefined> {
  try {
    const context = await services.context(source.context);
    return await source.fault(await context.scan([], call), services);
  } catch (error) {
    if (isMkimageError(error) && error.code !== 'cancelled') return error;
    throw error;
  }
}

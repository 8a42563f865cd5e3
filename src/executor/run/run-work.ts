/** RUN as a step: the parts of its cache key, and how its layer is made. */
import type { Cache, KeyPart } from '../../cache/index.ts';
import { resolveInTree } from '../../content/index.ts';
import type { FileSource, RunStep } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import { extend } from '../chain.ts';
import { runParts } from '../key-parts.ts';
import { sealNonEmpty } from '../seal.ts';
import { listingPart } from '../sources/listing-part.ts';
import type { SourceTrees } from '../sources/source-trees.ts';
import { NOTHING_HELD, type StepPlace, type Work } from '../stage-run.ts';
import { runCommand } from './run.ts';
import type { RunContext } from './run-context.ts';

export type RunServices = RunContext['services'] & { readonly cache: Pick<Cache, 'saveListing'> };

/** What RUN steps need from the executor. */
export interface RunKeeping {
  readonly services: RunServices;
  readonly sources: SourceTrees;
  readonly epoch: number | undefined;
  readonly sweep: RunContext['sweep'];
  readonly call: Call;
}

export function runWork(run: RunKeeping, { chain, id }: Pick<StepPlace, 'chain' | 'id'>, step: RunStep): Work {
  const { services, sources, sweep, call } = run;
  const causes = new Map<string, string>();
  return {
    ...NOTHING_HELD,
    details: { argNames: step.argNames, causes },
    parts: runParts(step, services.settings),
    content: () => mountParts(run, step, causes),
    run: (settle) =>
      runCommand({ services, sources, chain, step, id, sweep, call }, async (changes, snapshot) => {
        const made = await sealNonEmpty(run, changes);
        const layer = await settle(made);
        // The snapshot has the times of this run, so it is not the unpacked form of an older layer.
        if (layer && layer === made) await snapshot.commit(extend(chain, layer).id);
        return layer;
      }),
  };
}

/** The files of bind mounts are inputs of the step; the content of a cache mount is not. */
async function mountParts(run: RunKeeping, step: RunStep, causes: Map<string, string>): Promise<readonly KeyPart[]> {
  const parts: KeyPart[] = [];
  for (const mount of step.mounts) {
    if (mount.type !== 'bind') continue;
    const name = `mount ${mount.target} files`;
    parts.push(await sourcePart(run, mount.from, { path: mount.source, name }));
    const cause = await run.sources.cause(mount.from);
    if (cause !== undefined) causes.set(name, cause);
  }
  return parts;
}

interface NamedPath {
  readonly path: string;
  readonly name: string;
}

async function sourcePart(run: RunKeeping, from: FileSource, { path, name }: NamedPath): Promise<KeyPart> {
  const source = await run.sources.open(from);
  if (source.kind === 'chain') return { name, value: `${source.chain.id} ${path}` };
  const tree = await run.sources.tree(from, [path], run.call);
  const files = [{ path: resolveInTree(tree, path), name: '' }];
  return listingPart(run, name, { tree, files, owners: false });
}

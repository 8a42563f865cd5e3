/** The work of each kind of step: what its key is made of and how its layer is made. */
import type { KeyPart } from '../cache/index.ts';
import { resolveInTree } from '../content/index.ts';
import type { FileSource, RunStep, WorkdirStep } from '../plan/index.ts';
import { extend } from './chain.ts';
import { copyWork } from './copy/copy-work.ts';
import { listingPart } from './copy/listing-part.ts';
import { ownerOf } from './copy/owner.ts';
import { Staging } from './copy/staging.ts';
import { makeWorkdir } from './copy/workdir.ts';
import { runParts, workdirParts } from './key-parts.ts';
import { runCommand } from './run/run.ts';
import { directoryTime, sealNonEmpty } from './seal.ts';
import type { StageRun, StepPlace, Work, WorkStep } from './step.ts';

/** What has to be known and done for a step. */
export function workOf(run: StageRun, place: StepPlace, step: WorkStep): Work {
  switch (step.kind) {
    case 'run':
      return runWork(run, place, step);
    case 'copy':
      return copyWork(run, place, step);
    case 'workdir':
      return workdirWork(run, place, step);
    default:
      return step satisfies never;
  }
}

const NOTHING_HELD = {
  shortcut: async () => undefined,
  end: async () => {},
  onParent: true,
} satisfies Partial<Work>;

function runWork(run: StageRun, place: StepPlace, step: RunStep): Work {
  const { services, sources, sweep, call } = run;
  const causes = new Map<string, string>();
  return {
    ...NOTHING_HELD,
    details: { argNames: step.argNames, causes },
    parts: runParts(step, services.settings),
    content: () => mountParts(run, step, causes),
    run: (settle) =>
      runCommand(
        { services, sources, chain: place.chain, step, id: place.id, sweep, call },
        async (changes, snapshot) => {
          const made = await sealNonEmpty(run, changes);
          const layer = await settle(made);
          // The snapshot holds the times of now: it is not the unpacked form of an older layer.
          if (layer && layer === made) await snapshot.commit(extend(place.chain, layer).id);
          return layer;
        },
      ),
  };
}

/** The files behind bind mounts are inputs of the step; what a cache mount holds is not. */
async function mountParts(run: StageRun, step: RunStep, causes: Map<string, string>): Promise<readonly KeyPart[]> {
  const parts: KeyPart[] = [];
  for (const mount of step.mounts) {
    if (mount.type !== 'bind') continue;
    const name = `mount ${mount.target} files`;
    parts.push(await sourcePart(run, mount.from, mount.source, name));
    const cause = await run.sources.cause(mount.from);
    if (cause !== undefined) causes.set(name, cause);
  }
  return parts;
}

async function sourcePart(run: StageRun, from: FileSource, path: string, name: string): Promise<KeyPart> {
  const source = await run.sources.open(from);
  if (source.kind === 'chain') return { name, value: `${source.chain.id} ${path}` };
  const tree = await run.sources.tree(from, [path], run.call);
  return listingPart(run, name, tree, [{ path: resolveInTree(tree, path), name: '' }], false);
}

/** WORKDIR changes nothing where the directory is there already. */
function workdirWork(run: StageRun, place: StepPlace, step: WorkdirStep): Work {
  return {
    ...NOTHING_HELD,
    parts: workdirParts(step),
    content: async () => [],
    run: async (settle) => {
      const tree = await run.services.treeOf(place.chain, run.call);
      const staging = new Staging(tree);
      const owner = step.user === '' ? undefined : await ownerOf(tree, step.user, run.call);
      makeWorkdir({ staging, owner, chmod: undefined, now: directoryTime(run) }, step);
      return settle(await sealNonEmpty(run, staging.changes()));
    },
  };
}

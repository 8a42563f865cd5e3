import { resolveInTree } from '../../content/index.ts';
import type { WorkdirStep } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import { workdirParts } from '../key-parts.ts';
import { directoryTime, sealNonEmpty } from '../seal.ts';
import type { ChainTrees, LayerOutput } from '../services.ts';
import { NOTHING_HELD, type StepPlace, type Work } from '../stage-run.ts';
import { makeDirectories } from './copy.ts';
import { ownerOf } from './owner.ts';
import { Staging } from './staging.ts';

export interface WorkdirRun {
  readonly services: ChainTrees & LayerOutput;
  readonly epoch: number | undefined;
  readonly call: Call;
}

/**
 * WORKDIR: makes the directory and its missing parents, mode 0755, owned by the current USER. Changes nothing if the
 * directory exists.
 */
export function workdirWork(run: WorkdirRun, place: Pick<StepPlace, 'chain'>, step: WorkdirStep): Work {
  return {
    ...NOTHING_HELD,
    parts: workdirParts(step),
    content: async () => [],
    run: async (settle) => {
      const tree = await run.services.treeOf(place.chain, run.call);
      const staging = new Staging(tree);
      const owner = step.user === '' ? undefined : await ownerOf(tree, step.user, run.call);
      makeDirectories({ staging, owner, chmod: undefined, now: directoryTime(run) }, resolveInTree(staging, step.path));
      return settle(await sealNonEmpty(run, staging.changes()));
    },
  };
}

import type { RunStep } from '../../plan/index.ts';
import type { Call, StepId } from '../../progress.ts';
import type { Chain } from '../chain.ts';
import type {
  CacheMounts,
  ChainTrees,
  Clock,
  ContextAccess,
  Isolation,
  LayerBytes,
  LayerOutput,
  StepFolders,
  StepInputs,
  StepLogs,
} from '../services.ts';
import type { SourceTrees } from '../sources/source-trees.ts';
import type { Sweep } from './sweep.ts';

/** What the mounts of a RUN need from the executor. */
export type MountServices = StepInputs &
  CacheMounts &
  Clock &
  ChainTrees &
  LayerOutput &
  Pick<LayerBytes, 'unpack'> &
  Pick<Isolation, 'snapshotter'> &
  Pick<ContextAccess, 'describeMissing'> &
  StepFolders;

export interface MountContext {
  readonly services: MountServices;
  readonly sources: SourceTrees;
  readonly chain: Chain;
  readonly step: RunStep;
  readonly call: Call;
}

/** Everything that one RUN needs. */
export interface RunContext extends MountContext {
  readonly services: MountServices & Isolation & StepLogs;
  readonly id: StepId;
  readonly sweep: Pick<Sweep, 'remove'>;
}

import type { ProcessSpec } from '../index.ts';
import type { PlacedMount } from './path-space.ts';

/** What the tracing program needs to run a step. */
export interface TracedStep {
  readonly scratch: string;
  /** The directory that is the root of the step. */
  readonly root: string;
  readonly mounts: readonly PlacedMount[];
  readonly process: ProcessSpec;
}

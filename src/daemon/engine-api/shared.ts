import type { startExec } from '../../engine/containers/exec.ts';
import type { Services } from '../../engine/services.ts';
import type { BuildkitServer } from '../buildkit/index.ts';
import type { Runs } from './runs.ts';

/** What the handlers of requests have in common. */
export interface Daemon {
  readonly services: Services;
  /** The version of the program. */
  readonly version: string;
  readonly runs: Runs;
  /** Processes in containers whose streams a client of this daemon has, by ID. */
  readonly execs: Map<string, Awaited<ReturnType<typeof startExec>>>;
  /** Builds of BuildKit's clients. */
  readonly buildkit: BuildkitServer;
  /** Aborts when the daemon stops. */
  readonly stopping: AbortSignal;
}

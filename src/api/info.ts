/** Result of the verb `info`. */
import type { Platform } from '../oci/index.ts';

/** One way to run a step. */
export interface IsolationInfo {
  readonly name: string;
  readonly usable: boolean;
  /** The reason why it does not work, or what was found. */
  readonly detail: string;
  /** What a step cannot do with this isolation. */
  readonly protects: string;
  /** What to install or to change, if it does not work. */
  readonly needs: string;
}

export interface MachineInfo {
  /** Directory of the local store. */
  readonly root: string;
  /** The platform of this machine. */
  readonly platform: Platform;
  readonly snapshotter: string;
  /** The name that `--isolation` or the environment asks for. */
  readonly wanted: string;
  /** The isolation that steps get; undefined if none works. */
  readonly isolation: string | undefined;
  /** The best one first. */
  readonly isolations: readonly IsolationInfo[];
  /** Limits for untrusted input. */
  readonly limits: Readonly<Record<string, number>>;
}

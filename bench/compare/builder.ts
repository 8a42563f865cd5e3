/** What the comparison asks of every builder; each has one file beside this one. */
import type { Base } from './base.ts';

export interface Command {
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How a `RUN` step is kept apart; a peer takes what it has that is nearest. */
export type Isolation = 'runc' | 'crun' | 'namespaces';

export interface Job {
  /** Has `Dockerfile` and, as `context/`, what is copied. */
  readonly folder: string;
  readonly base: Base;
  /** `image`: into the builder's own store. A path: as an OCI archive. */
  readonly output: 'image' | { readonly archive: string };
  readonly isolation?: Isolation | undefined;
  readonly args: Readonly<Record<string, string>>;
}

export interface DaemonMemory {
  resetPeak(): void;
  readPeakMiB(): number;
}

export interface Builder {
  readonly name: string;
  readonly version: string;
  /** Set where a process that was there before does the work. */
  readonly daemon?: DaemonMemory;
  /** Commands that throw away all that the builder keeps, and put the base into its store if it has one. */
  reset(base: Base): readonly Command[];
  /** Commands that make the image. They are timed; none if this would be another job once more. */
  build(job: Job): readonly Command[];
  /** Removes what it kept. */
  dispose(): void;
}

/** A builder that can't be measured here, and why. */
export interface Absent {
  readonly name: string;
  readonly missing: string;
}

export function buildArgs({ args }: Job, flag: string, prefix = ''): readonly string[] {
  return Object.entries(args).flatMap(([name, value]) => [flag, `${prefix}${name}=${value}`]);
}

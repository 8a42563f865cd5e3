import type { BaseKind } from './bases.ts';
import type { Isolation, Job } from './builder.ts';

/** One line of the table: a build that is timed. */
export interface Moment {
  readonly id: string;
  readonly title: string;
  readonly output: 'image' | 'archive';
  /** mkimage's time by BuildKit's that we want to stay at or below. */
  readonly limit: number;
  readonly isolation?: Isolation;
  /** What is different since the build before; the round makes it new each time. */
  readonly change?: (context: string, round: number) => void;
  readonly args?: (round: number) => Job['args'];
}

/** Builds of one context that follow one another in every round; each goes on where the one before ended. */
export interface Scenario {
  readonly name: string;
  readonly base: BaseKind;
  readonly dockerfile: string;
  /** Where the first build must not know anything, all builders forget everything before each round. */
  readonly forgets: 'once' | 'every round';
  readonly fill: (context: string) => void;
  readonly moments: readonly Moment[];
}

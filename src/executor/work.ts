/** The work of each kind of step. */
import { type CopyRun, copyWork, workdirWork } from './copy/index.ts';
import { type RunKeeping, runWork } from './run/index.ts';
import type { StepPlace, Work, WorkStep } from './stage-run.ts';

/** What the work of every kind takes. */
export type WorkRun = CopyRun & RunKeeping;

/** What has to be known and done for a step: how it is keyed, and how its layer is made. */
export function workOf(run: WorkRun, place: Pick<StepPlace, 'id' | 'chain'>, step: WorkStep): Work {
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

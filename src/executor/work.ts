/** Chooses the work for each kind of step. */
import { type CopyRun, copyWork, workdirWork } from './copy/index.ts';
import { type RunKeeping, runWork } from './run/index.ts';
import type { StepPlace, Work, WorkStep } from './stage-run.ts';

/** What the work of every kind of step needs. */
export type WorkRun = CopyRun & RunKeeping;

/** Returns how a step is keyed and how its layer is made. */
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

/** Limits of variable expansion. Without them, a small build file whose lines repeat earlier lines would expand to gigabytes. */
import { Fault } from './fault.ts';

/** UTF-16 units of one value. */
export const LONGEST_VALUE = 16 * 1024 * 1024;
/** UTF-16 units of all values of a file. */
const MOST_VALUES = 64 * 1024 * 1024;
/** UTF-16 units of the history, in which each RUN repeats the ARGs before it. */
const MOST_HISTORY = 256 * 1024 * 1024;

export interface Meter {
  /** Throws a Fault if the values together are too long. */
  readonly addValue: (value: string) => void;
  /** Throws a Fault if the history is too long. */
  readonly addHistory: (createdBy: string | undefined) => void;
}

export function createMeter(): Meter {
  let values = 0;
  let history = 0;
  return {
    addValue: (value) => {
      values += value.length;
      if (values > MOST_VALUES) throw createTooLongFault('the values of all variables together are', MOST_VALUES);
    },
    addHistory: (createdBy = '') => {
      history += createdBy.length;
      if (history > MOST_HISTORY) throw createTooLongFault('the history of the image is', MOST_HISTORY);
    },
  };
}

/** Throws a Fault if a value is too long. Called before the value is created. */
export function checkLength(length: number): void {
  if (length > LONGEST_VALUE) throw createTooLongFault('the value is', LONGEST_VALUE);
}

function createTooLongFault(what: string, most: number): Fault {
  return new Fault('expansion-too-long', `${what} longer than ${most / 1024 / 1024} MiB`, {
    hint: 'a variable that repeats other variables grows with each line; write long text to a file',
  });
}

/** Bounds of what variables can make of a small build file: each line may say the one before it ten times. */
import { Fault } from './fault.ts';

/** UTF-16 units of one value. */
export const LONGEST_VALUE = 16 * 1024 * 1024;
/** Of all values of a file. */
const MOST_VALUES = 64 * 1024 * 1024;
/** Of all that the history tells, where each RUN repeats the ARGs before it. */
const MOST_HISTORY = 256 * 1024 * 1024;

export interface Meter {
  /** Throws a Fault where a value is one too many. */
  readonly addValue: (value: string) => void;
  /** Throws a Fault where an entry is one too many. */
  readonly addHistory: (createdBy: string | undefined) => void;
}

export function createMeter(): Meter {
  let values = 0;
  let history = 0;
  return {
    addValue: (value) => {
      values += value.length;
      if (values > MOST_VALUES) throw tooLong('the values of all variables together are', MOST_VALUES);
    },
    addHistory: (createdBy = '') => {
      history += createdBy.length;
      if (history > MOST_HISTORY) throw tooLong('the history of the image is', MOST_HISTORY);
    },
  };
}

/** Throws a Fault if a value is too long, before it is put together. */
export function checkLength(length: number): void {
  if (length > LONGEST_VALUE) throw tooLong('the value is', LONGEST_VALUE);
}

function tooLong(what: string, most: number): Fault {
  return new Fault('expansion-too-long', `${what} longer than ${most / 1024 / 1024} MiB`, {
    hint: 'a variable that repeats others grows with each line; put what is long into a file',
  });
}

import { EXEC } from './exec-lines.ts';
import { TABLE } from './machine.ts';
import { RECORD_SIZE } from './process-tree.ts';
import type { Call } from './table.ts';

/** The result of a process tree. */
export type Outcome =
  | { readonly kind: 'ended'; readonly code: number }
  /** The step's program could not be started. `errno` is the most useful one of all tried paths. */
  | { readonly kind: 'no-program'; readonly errno: number }
  | { readonly kind: 'failed'; readonly call: Call | undefined; readonly errno: number }
  /** No report: all processes were killed. */
  | { readonly kind: 'silent' };

const ENOENT = 2;
/** ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP: the file is not found. */
const ABSENT: readonly number[] = [ENOENT, 20, 36, 40];

/** Reads the records of a process tree. A record of a failure has priority over the exit status of the tree. */
export function readReport(bytes: Buffer, calls: ReadonlyMap<number, Call>): Outcome {
  const records = recordsOf(bytes);
  const failed = records.find(({ what }) => what >= TABLE);
  if (failed !== undefined) {
    const call = calls.get(failed.what);
    if (call?.doing === EXEC) return { kind: 'no-program', errno: failed.value };
    return { kind: 'failed', call, errno: failed.value };
  }
  const tried = records.filter(({ what }) => what > 0).map(({ value }) => -value);
  if (tried.length > 0) return { kind: 'no-program', errno: tried.find((errno) => !ABSENT.includes(errno)) ?? ENOENT };
  const ended = records.find(({ what }) => what === 0);
  return ended === undefined ? { kind: 'silent' } : { kind: 'ended', code: exitCodeOf(ended.value) };
}

function recordsOf(bytes: Buffer): readonly { readonly what: number; readonly value: number }[] {
  const count = Math.floor(bytes.length / RECORD_SIZE);
  return Array.from({ length: count }, (_, index) => ({
    what: Number(bytes.readBigUInt64LE(index * RECORD_SIZE)),
    value: Number(bytes.readBigInt64LE(index * RECORD_SIZE + 8)),
  }));
}

/** wait(2): for a signal, the exit code is 128 plus its number. */
function exitCodeOf(status: number): number {
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}

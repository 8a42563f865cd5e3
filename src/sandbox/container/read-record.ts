import { RECORD_SIZE } from '../starter/process-tree.ts';
import { type Outcome, readReport } from '../starter/report.ts';
import type { Call } from '../starter/table.ts';
import type { RecordedEnd } from './port.ts';
import { PID_RECORD } from './recorder-lines.ts';

/** Returns the pid at the beginning of a report; undefined if the recorder failed before it. */
export function readPid(bytes: Buffer): number | undefined {
  if (bytes.length < RECORD_SIZE || bytes.readBigUInt64LE(0) !== BigInt(PID_RECORD)) return undefined;
  return Number(bytes.readBigUInt64LE(8));
}

/** Reads the records of a recorder without that of the pid. */
export function readOutcome(bytes: Buffer, calls: ReadonlyMap<number, Call>): Outcome {
  const records = Array.from({ length: Math.floor(bytes.length / RECORD_SIZE) }, (_, index) =>
    bytes.subarray(index * RECORD_SIZE, (index + 1) * RECORD_SIZE),
  );
  return readReport(Buffer.concat(records.filter((record) => record.readBigUInt64LE(0) !== BigInt(PID_RECORD))), calls);
}

/** Reads how a recorded process ended. Returns undefined if it has not ended, or was killed together with its recorder. */
export function readEnd(bytes: Buffer): RecordedEnd | undefined {
  const outcome = readOutcome(bytes, new Map());
  if (outcome.kind === 'ended') return { code: outcome.code };
  if (outcome.kind === 'no-program') return { code: outcome.errno === 2 ? 127 : 126 };
  return outcome.kind === 'failed' ? { code: 128 } : undefined;
}

import { Transform } from 'node:stream';
import type { Descriptor } from '../oci/index.ts';
import type { Call, StepId } from '../progress.ts';

/** What is told of a transfer. */
export interface TransferLabels {
  readonly step: StepId;
  /** One of the transfers of the step. */
  readonly item: string;
  /** Bytes; undefined while nobody knows. */
  readonly total: number | undefined;
}

/** Takes the bytes of one transfer as they pass. */
export interface Transfer {
  passed(bytes: number): void;
  finished(): void;
}

const REPORT_EVERY = 1024 * 1024;

/** The one rule for the progress of transfers: a report each mebibyte, and one at the end. */
export function reportTransfer({ step, item, total }: TransferLabels, call: Pick<Call, 'report'>): Transfer {
  let current = 0;
  let reported = 0;
  const report = (done: boolean) => {
    reported = current;
    const known = total === undefined ? {} : { total };
    call.report({ type: 'step-progress', step, item, current, ...known, unit: 'bytes', done });
  };
  return {
    passed(bytes) {
      current += bytes;
      if (current - reported >= REPORT_EVERY && current !== total) report(false);
    },
    finished: () => report(true),
  };
}

/** A stream that reports what goes through it. */
export function meterOf(labels: TransferLabels, call: Pick<Call, 'report'>): Transform {
  const transfer = reportTransfer(labels, call);
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      transfer.passed(chunk.length);
      done(null, chunk);
    },
    flush(done) {
      transfer.finished();
      done();
    },
  });
}

/** What a blob is called beside its progress. */
export function labelsOfBlob({ digest, size }: Pick<Descriptor, 'digest' | 'size'>, step: StepId): TransferLabels {
  return { step, item: digest.slice(0, 'sha256:'.length + 12), total: size };
}

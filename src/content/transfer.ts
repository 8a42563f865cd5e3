import { Transform } from 'node:stream';
import type { Descriptor } from '../oci/index.ts';
import type { Call, StepId } from '../progress.ts';

/** The labels of a transfer's progress reports. */
export interface TransferLabels {
  readonly step: StepId;
  /** Names this transfer within the step. */
  readonly item: string;
  /** Bytes; undefined if not known. */
  readonly total: number | undefined;
}

/** Counts the bytes of one transfer. */
export interface Transfer {
  addBytes(bytes: number): void;
  finish(): void;
}

const REPORT_EVERY = 1024 * 1024;

/** Reports the progress of a transfer: after each mebibyte, and at the end. */
export function reportTransfer({ step, item, total }: TransferLabels, call: Pick<Call, 'report'>): Transfer {
  let current = 0;
  let reported = 0;
  const report = (done: boolean) => {
    reported = current;
    const known = total === undefined ? {} : { total };
    call.report({ type: 'step-progress', step, item, current, ...known, unit: 'bytes', done });
  };
  return {
    addBytes(bytes) {
      current += bytes;
      if (current - reported >= REPORT_EVERY && current !== total) report(false);
    },
    finish: () => report(true),
  };
}

/** Creates a stream that reports the number of bytes that pass through it. */
export function createMeter(labels: TransferLabels, call: Pick<Call, 'report'>): Transform {
  const transfer = reportTransfer(labels, call);
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      transfer.addBytes(chunk.length);
      done(null, chunk);
    },
    flush(done) {
      transfer.finish();
      done();
    },
  });
}

/** The labels of a blob's transfer. */
export function labelsOfBlob({ digest, size }: Pick<Descriptor, 'digest' | 'size'>, step: StepId): TransferLabels {
  return { step, item: digest.slice(0, 'sha256:'.length + 12), total: size };
}

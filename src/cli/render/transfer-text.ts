import { toPrintable } from '../text/printable.ts';
import { formatSize } from '../text/units.ts';
import type { Transfer } from './step-table.ts';

/** Formats `1.05MB / 28.2MB 3.4MB/s`, `3 / 12 files`, or `1.05MB` if neither total nor rate are known. */
export function formatAmount(transfer: Transfer): string {
  const show = transfer.unit === 'bytes' ? formatSize : String;
  const parts = transfer.total === undefined ? [transfer.current] : [transfer.current, transfer.total];
  const rate = transfer.unit === 'files' || transfer.rate === undefined ? '' : ` ${formatSize(transfer.rate)}/s`;
  return parts.map(show).join(' / ') + (transfer.unit === 'files' ? ' files' : rate);
}

/** Formats the name of the transferred item. Digests are shortened to twelve digits. */
export function formatItem(transfer: Transfer): string {
  return toPrintable(transfer.item).replace(/\bsha256:([0-9a-f]{12})[0-9a-f]{52}\b/g, 'sha256:$1');
}

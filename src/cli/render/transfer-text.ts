import { printable } from '../text/printable.ts';
import { formatSize } from '../text/units.ts';
import type { Transfer } from './step-table.ts';

/** `1.05MB / 28.2MB`, `3 / 12 files`, `1.05MB` while the total is unknown. */
export function amountOf(transfer: Transfer): string {
  const show = transfer.unit === 'bytes' ? formatSize : String;
  const parts = transfer.total === undefined ? [transfer.current] : [transfer.current, transfer.total];
  return parts.map(show).join(' / ') + (transfer.unit === 'files' ? ' files' : '');
}

/** What is transferred; digests shortened to the twelve digits that people compare. */
export function itemOf(transfer: Transfer): string {
  return printable(transfer.item).replace(/\bsha256:([0-9a-f]{12})[0-9a-f]{52}\b/g, 'sha256:$1');
}

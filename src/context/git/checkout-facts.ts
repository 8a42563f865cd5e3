/** What is known of a checkout besides its files lies beside it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export interface CheckoutFacts {
  /** When it was committed, in seconds since 1970. */
  readonly time: number;
  /** What it takes on the disk, so that nobody has to count. */
  readonly bytes: number;
}

export function writeFacts(directory: string, { time, bytes }: CheckoutFacts): void {
  writeFileSync(`${directory}.time`, String(time));
  writeFileSync(`${directory}.bytes`, String(bytes));
}

export function timeOf(directory: string): number | undefined {
  const file = `${directory}.time`;
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
}

/** Files next to a checkout with its commit time and size. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export interface CheckoutFacts {
  /** Time of the commit, in seconds since 1970. */
  readonly time: number;
  /** Its disk usage in bytes, stored to avoid counting again. */
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

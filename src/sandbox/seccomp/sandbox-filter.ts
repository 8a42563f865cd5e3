import { compileSeccomp } from './compile.ts';
import { seccompProfile } from './profile.ts';

let filter: Buffer | undefined;

/** The filter of a step, compiled once. */
export function sandboxFilter(): Buffer {
  filter ??= compileSeccomp(seccompProfile());
  return filter;
}

import { MkimageError } from '../errors.ts';

/** Reads a signal: a number, or a name with or without `SIG`. Throws `usage`. */
export function parseSignal(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : numberOf(text.toUpperCase().replace(/^SIG/, ''));
  if (number !== undefined && number > 0 && number <= 64) return number;
  throw new MkimageError('usage', `Invalid signal: ${text}`);
}

const RTMIN = 34;
const RTMAX = 64;

function numberOf(name: string): number | undefined {
  const [, base, sign, offset = '0'] = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name) ?? [];
  if (base === 'MIN' && sign !== '-') return RTMIN + Number(offset);
  if (base === 'MAX' && sign !== '+') return RTMAX - Number(offset);
  return SIGNALS.indexOf(name) + 1 || undefined;
}

/** signal(7), in the order of their numbers from 1. */
const SIGNALS: readonly string[] = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH ' +
  'IO PWR SYS'
).split(' ');

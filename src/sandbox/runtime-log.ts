import { existsSync, readFileSync } from 'node:fs';
import type { Verdict } from './child.ts';
import { codeOf } from './exec-complaint.ts';

/** Returns the runtime's last error. If the program could not be run, returns an exit code of the step instead. */
export function verdictOf(log: string, code: number): Verdict {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  const last = lines.flatMap((line) => messageOf(line) ?? []).at(-1);
  if (last === undefined) return { code };
  return OF_PROGRAM.test(last) ? { code: codeOf(last) } : { fault: last };
}

/** Messages of crun and runc. */
const OF_PROGRAM =
  /executable file|open executable|exec container process|exec: "|process: exec |argument list too long|exec format error/i;

function messageOf(line: string): string | undefined {
  try {
    const { level, msg } = JSON.parse(line);
    return level === 'error' ? String(msg) : undefined;
  } catch {
    return undefined;
  }
}

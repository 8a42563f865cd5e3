import { existsSync, readFileSync } from 'node:fs';
import type { Verdict } from './child.ts';
import { codeOf } from './exec-complaint.ts';

/** What the runtime itself complained of last; that its program cannot be run is a status of the step. */
export function verdictOf(log: string, code: number): Verdict {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  const last = lines.flatMap((line) => messageOf(line) ?? []).at(-1);
  if (last === undefined) return { code };
  return OF_PROGRAM.test(last) ? { code: codeOf(last) } : { fault: last };
}

/** crun's words, and runc's. */
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

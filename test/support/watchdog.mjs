import { readdirSync, readFileSync } from 'node:fs';

/** Longer than the longest test by far, on a slow machine too. */
const PATIENCE = 10 * 60_000;

/**
 * Ends the whole run if no test has ended for a long time: a test that waits for ever would otherwise hold everything up, and nobody
 * would learn which. Returns what to call at each sign of life. `onSilence` prints the totals.
 */
export function watchSilence(onSilence) {
  const timer = setTimeout(() => {
    onSilence(`no test has ended for ${PATIENCE / 60_000} minutes: the one that runs now hangs`);
    // What it has started may hold our output open.
    for (const pid of descendantsOf(process.pid)) kill(pid);
    process.exit(1);
  }, PATIENCE);
  timer.unref();
  return () => timer.refresh();
}

function descendantsOf(ancestor) {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => [Number(pid), parentOf(pid)]);
  const below = (pid) => parents.filter(([, parent]) => parent === pid).flatMap(([child]) => [child, ...below(child)]);
  return below(ancestor);
}

function parentOf(pid) {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
  } catch {
    return 0; // it has just ended
  }
}

function kill(pid) {
  try {
    console.log(`killed: ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').slice(0, 300)}`);
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}

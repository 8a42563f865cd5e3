/**
 * Starts this program again as root of a new user namespace, in the same process. There it may own files of all users that
 * `/etc/subuid` gives to the user, and it may make the namespaces of steps.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import { openPipe } from '../calls/descriptors.ts';
import { replaceProcess } from '../calls/replace-process.ts';
import { findHostProgram, HOST_PATH } from '../files/host-program.ts';
import { thisProcessId, thisUser } from '../owners/this-process.ts';
import { mapArguments, readSubordinateIds } from './subordinate-ids.ts';

export interface Entering {
  /** The program and its arguments. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The name of the user; undefined if it has none. */
  readonly user: string | undefined;
}

/** Set in the namespace: `ranges`, or `single` if the user has no subordinate ids. */
export const ENTERED = 'MKIMAGE_USER_NAMESPACE';

/** Does not return if it succeeds. Returns the reason if this machine does not permit user namespaces. */
export function enterUserNamespace({ args, env, user }: Entering): string {
  const [unshare, sh] = [findHostProgram('unshare'), findHostProgram('sh')];
  if (unshare === undefined || sh === undefined) return 'the programs unshare and sh are not installed';
  const trial = spawnSync(unshare, ['--user', 'true'], { env: { PATH: HOST_PATH, LC_ALL: 'C' }, encoding: 'utf8' });
  if (trial.status !== 0) return trial.stderr.trim() || trial.error?.message || `unshare ended with ${trial.status}`;
  const [ready, answer] = [openPipe(), openPipe()];
  startMapping(sh, { ready: ready.read, answer: answer.write, name: user });
  for (const file of [ready.read, answer.write]) closeSync(file);
  replaceProcess({
    path: unshare,
    args: ['unshare', '--user', sh, '-c', INSIDE, 'sh', ...args],
    env,
    files: { 8: ready.write, 9: answer.read },
  });
}

/** Runs in the namespace, as nobody until the ids are mapped. The next exec gives it the capabilities of root. */
const INSIDE = `echo >&8; read -r ${ENTERED} <&9
exec 8>&- 9<&-
if [ -z "$${ENTERED}" ]; then echo "error: enter user namespace: the ids of the user cannot be mapped" >&2; exit 1; fi
export ${ENTERED}; exec "$@"`;

/** Runs outside. A process may map only its own id by itself; the program newuidmap checks and maps the others. */
const OUTSIDE = `read -r ready <&3 || exit
pid=$1 uid=$2 gid=$3 uids=$4 gids=$5
if [ -n "$uids" ] && [ -n "$gids" ] && newuidmap $pid $uids && newgidmap $pid $gids; then answer=ranges
elif echo deny >/proc/$pid/setgroups && echo "0 $gid 1" >/proc/$pid/gid_map && echo "0 $uid 1" >/proc/$pid/uid_map
then answer=single; fi
echo $answer >&4`;

interface Mapping {
  readonly ready: number;
  readonly answer: number;
  readonly name: string | undefined;
}

function startMapping(sh: string, { ready, answer, name }: Mapping): void {
  const { uid, gid } = thisUser();
  const user = { name, id: uid };
  const [uids, gids] = [readSubordinateIds('/etc/subuid', user), readSubordinateIds('/etc/subgid', user)];
  const maps = [
    uids.length === 0 ? '' : mapArguments(uid, uids).join(' '),
    gids.length === 0 ? '' : mapArguments(gid, gids).join(' '),
  ];
  const args = ['-c', OUTSIDE, 'sh', String(thisProcessId()), String(uid), String(gid), ...maps];
  spawn(sh, args, { env: { PATH: HOST_PATH }, stdio: ['ignore', 'ignore', 'ignore', ready, answer], detached: true });
}

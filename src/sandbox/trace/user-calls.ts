/** Calls about users and groups: a step believes to be the user that it asked for. */
import type { Handler, TracedCall } from './call.ts';

const EINVAL = -22;

function list(call: TracedCall, count: number, address: bigint): readonly number[] {
  const bytes = call.tracee.read(address, count * 4);
  return Array.from({ length: count }, (_, index) => bytes.readUInt32LE(index * 4));
}

function put(call: TracedCall, index: number, values: readonly number[]): number {
  for (const [offset, value] of values.entries()) {
    call.tracee.write(call.tracee.argument(index + offset), Buffer.from(new Uint32Array([value]).buffer));
  }
  return 0;
}

function groups(call: TracedCall): number {
  const all = call.state.credentials.groups;
  const size = call.number(0);
  if (size === 0) return all.length;
  if (size < all.length) return EINVAL;
  if (all.length > 0) call.tracee.write(call.tracee.argument(1), Buffer.from(new Uint32Array(all).buffer));
  return all.length;
}

const three = (call: TracedCall) => [call.number(0), call.number(1), call.number(2)] as const;

export const USER_CALLS: Readonly<Record<string, Handler>> = {
  getuid: ({ state }) => state.credentials.uids.real,
  geteuid: ({ state }) => state.credentials.uids.effective,
  getgid: ({ state }) => state.credentials.gids.real,
  getegid: ({ state }) => state.credentials.gids.effective,
  getresuid: (call) => put(call, 0, Object.values(call.state.credentials.uids)),
  getresgid: (call) => put(call, 0, Object.values(call.state.credentials.gids)),
  getgroups: groups,
  setuid: (call) => call.state.credentials.set('uids', call.number(0)),
  setgid: (call) => call.state.credentials.set('gids', call.number(0)),
  setreuid: (call) => call.state.credentials.setPair('uids', call.number(0), call.number(1)),
  setregid: (call) => call.state.credentials.setPair('gids', call.number(0), call.number(1)),
  setresuid: (call) => call.state.credentials.setAll('uids', three(call)),
  setresgid: (call) => call.state.credentials.setAll('gids', three(call)),
  setfsuid: ({ state }) => state.credentials.uids.effective,
  setfsgid: ({ state }) => state.credentials.gids.effective,
  setgroups: (call) => call.state.credentials.setGroups(list(call, call.number(0), call.tracee.argument(1))),
  capset: () => 0,
};

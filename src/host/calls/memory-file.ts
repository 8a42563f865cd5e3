import { closeSync, openSync, writeSync } from 'node:fs';
import { foreign, lastErrno, nulTerminated, systemError } from './foreign.ts';

const memfdCreate = foreign('int memfd_create(const void *name, uint flags)');

const MFD_CLOEXEC = 1;
/** What the file is for; since Linux 6.3, refused before (`vm.memfd_noexec`). */
const PURPOSE = { data: 0x08, program: 0x10 } as const;
const EINVAL = 22;

/**
 * A file that exists in memory only, closed on exec, open for reading. The caller closes the descriptor. Throws like
 * `node:fs` (`EACCES`: this system runs no programs from memory), or `unsupported` without the foreign function module.
 */
export function openMemoryFile(name: string, bytes: Uint8Array, purpose: keyof typeof PURPOSE): number {
  const file = create(name, PURPOSE[purpose]);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    return openSync(`/proc/self/fd/${file}`, 'r'); // a file that is open for writing cannot be run
  } finally {
    closeSync(file);
  }
}

function create(name: string, purpose: number): number {
  const text = nulTerminated(name);
  const file = memfdCreate(text, MFD_CLOEXEC | purpose);
  if (file >= 0) return file;
  if (lastErrno() !== EINVAL) throw systemError('memfd_create', name);
  const plain = memfdCreate(text, MFD_CLOEXEC);
  if (plain < 0) throw systemError('memfd_create', name);
  return plain;
}

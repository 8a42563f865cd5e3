import { closeSync, openSync, writeSync } from 'node:fs';
import { foreign, lastErrno, nulTerminated, systemError } from './foreign.ts';

const memfdCreate = foreign('int memfd_create(const void *name, uint flags)');

const MFD_CLOEXEC = 1;
/** Says that the file is meant to be run; since Linux 6.3, refused before. */
const MFD_EXEC = 0x10;
const EINVAL = 22;

/**
 * A file that exists in memory only, closed on exec, open for reading. The caller closes the descriptor. Throws like
 * `node:fs`, or `unsupported` without the foreign function module.
 */
export function openMemoryFile(name: string, bytes: Uint8Array): number {
  const file = create(name);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    return openSync(`/proc/self/fd/${file}`, 'r'); // a file that is open for writing cannot be run
  } finally {
    closeSync(file);
  }
}

function create(name: string): number {
  const text = nulTerminated(name);
  const file = memfdCreate(text, MFD_CLOEXEC | MFD_EXEC);
  if (file >= 0) return file;
  if (lastErrno() !== EINVAL) throw systemError('memfd_create', name);
  const plain = memfdCreate(text, MFD_CLOEXEC);
  if (plain < 0) throw systemError('memfd_create', name);
  return plain;
}

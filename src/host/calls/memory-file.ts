import { closeSync, openSync, writeSync } from 'node:fs';
import { bindForeign, createSystemError, readErrno, toCString } from './bind-foreign.ts';

const memfdCreate = bindForeign('int memfd_create(const void *name, uint flags)');

const MFD_CLOEXEC = 1;
/** Flags for the purpose of the file. Kernels before Linux 6.3 refuse them (`vm.memfd_noexec`). */
const PURPOSE = { data: 0x08, program: 0x10 } as const;
const EINVAL = 22;

/**
 * Opens a file that exists in memory only, close-on-exec, for reading. The caller closes the descriptor. Throws like `node:fs`
 * (`EACCES`: this system does not run programs from memory), or `unsupported` without the foreign function module.
 */
export function openMemoryFile(name: string, bytes: Uint8Array, purpose: keyof typeof PURPOSE): number {
  const file = createMemoryFile(name, PURPOSE[purpose]);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    return openSync(`/proc/self/fd/${file}`, 'r'); // a file that is open for writing cannot be run
  } finally {
    closeSync(file);
  }
}

function createMemoryFile(name: string, purpose: number): number {
  const text = toCString(name);
  const file = memfdCreate(text, MFD_CLOEXEC | purpose);
  if (file >= 0) return file;
  if (readErrno() !== EINVAL) throw createSystemError('memfd_create', name);
  const plain = memfdCreate(text, MFD_CLOEXEC);
  if (plain < 0) throw createSystemError('memfd_create', name);
  return plain;
}

import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMemoryFile, thisProcessor } from '../host/index.ts';
import { starterProgram } from './starter/machine.ts';

/** The starter, ready to be run. */
export interface Starter {
  /** What a child runs that has `file` as descriptor 5. */
  readonly path: string;
  readonly file: number;
}

const DESCRIPTOR = 5;

/** It is the same for all steps. Held as long as this process lives. */
let inMemory: Starter | undefined;

/**
 * The starter as a memory file; where none may be run (`vm.memfd_noexec=2`), as a file in `scratch`. It holds no secret: what
 * a step is told is in its table.
 */
export function openStarter(scratch: string): Starter {
  try {
    inMemory ??= openInMemory();
    return inMemory;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    return openOnDisk(join(scratch, 'starter'));
  }
}

function openInMemory(): Starter {
  const file = openMemoryFile('mkimage-starter', starterProgram(thisProcessor()), 'program');
  return { path: `/proc/self/fd/${DESCRIPTOR}`, file };
}

/** The file goes with the step's scratch. */
function openOnDisk(path: string): Starter {
  writeFileSync(path, starterProgram(thisProcessor()), { flag: 'wx', mode: 0o700 });
  onDisk ??= openSync('/dev/null', 'r');
  return { path, file: onDisk };
}

/** Stands where the memory file would, so that descriptors have the same numbers. */
let onDisk: number | undefined;

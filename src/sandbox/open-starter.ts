import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMemoryFile, thisProcessor } from '../host/index.ts';
import { starterProgram } from './starter/machine.ts';

/** The starter, ready to run. */
export interface Starter {
  /** What a child runs that has `file` as descriptor 5. */
  readonly path: string;
  readonly file: number;
}

const DESCRIPTOR = 5;

/** One for all steps, open until this process ends. */
let inMemory: Starter | undefined;

/**
 * Opens the starter as a memory file, or as a file in `scratch` if memory files cannot be run (`vm.memfd_noexec=2`). The starter
 * contains no secret: commands and environments are in the table of each step.
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

/** The file is removed with the step's scratch directory. */
function openOnDisk(path: string): Starter {
  writeFileSync(path, starterProgram(thisProcessor()), { flag: 'wx', mode: 0o700 });
  onDisk ??= openSync('/dev/null', 'r');
  return { path, file: onDisk };
}

/** Takes the place of the memory file, so that descriptors have the same numbers. */
let onDisk: number | undefined;

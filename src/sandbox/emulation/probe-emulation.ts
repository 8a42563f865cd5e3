/** Finds out whether this machine can run programs for another processor, by itself or with an emulator. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emulation } from '../index.ts';
import { createExitProgram, EXIT_CODE } from './exit-program.ts';
import { findRegistration } from './registrations.ts';

/** `directory`: for a temporary file. Programs of an unknown processor are not refused: nothing is known about them. */
export function probeEmulation(architecture: string, directory: string): Emulation {
  const program = createExitProgram(architecture);
  if (program === undefined) return { canRun: true };
  if (!canRun(program, directory)) return { canRun: false };
  const registration = findRegistration(program);
  const isAlwaysThere = registration === undefined || registration.flags.includes('F');
  return { canRun: true, ...(isAlwaysThere ? {} : { interpreterInRoot: registration.interpreter }) };
}

/**
 * Runs the program. Binfmt_misc need not be visible for this. If the kernel refuses the program, libc gives it to a
 * shell, which cannot understand it; so it has an empty directory and no other programs.
 */
function canRun(program: Buffer, directory: string): boolean {
  const folder = mkdtempSync(join(directory, 'emulation-'));
  try {
    const file = join(folder, 'program');
    writeFileSync(file, program, { mode: 0o700 });
    const { status } = spawnSync(file, { cwd: folder, env: { PATH: folder }, stdio: 'ignore', timeout: 10_000 });
    return status === EXIT_CODE;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

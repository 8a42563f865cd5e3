import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh directory for one test file, removed when the process ends (uvu runs all files in one process). */
export function tempDir(name: string): string {
  const dir = mkdtempSync(join(tmpdir(), `mkimage-test-${name}-`));
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

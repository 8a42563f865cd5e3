import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeTree } from '../../src/host/index.ts';

/** A fresh directory for one test file, removed when the process ends (uvu runs all files in one process). */
export function tempDir(name: string): string {
  const dir = mkdtempSync(join(tmpdir(), `mkimage-test-${name}-`));
  process.on('exit', () => removeTree(dir));
  return dir;
}

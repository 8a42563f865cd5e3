import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Lets V8 compile the whole program by using it, and keeps what it made: of all that a cached build needs. */
export function keepCompiled(folder: string): void {
  const scratch = mkdtempSync(join(tmpdir(), 'mkimage-bundle-'));
  try {
    writeFileSync(join(scratch, 'Dockerfile'), 'FROM scratch AS a\nCOPY Dockerfile /\nFROM a\nLABEL a=b\n');
    const archive = `type=oci,dest=${join(scratch, 'a.tar')}`;
    const env = { ...process.env, MKIMAGE_ROOT: join(scratch, 'store') };
    const args = ['-e', COMPILE_BY_USE, resolve(folder), 'build', '-t', 'a', '-o', archive, scratch];
    // The second time everything is in the cache.
    for (let round = 0; round < 2; round++) {
      execFileSync(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Runs in a process of its own. */
const COMPILE_BY_USE = `
  const { readFileSync, writeFileSync } = require('node:fs');
  const { createRequire } = require('node:module');
  const { Script } = require('node:vm');
  const [node, folder, ...args] = process.argv;
  const program = folder + '/whole.cjs';
  const script = new Script(readFileSync(program, 'latin1'), { filename: program });
  process.argv = [node, folder + '/cli.js', ...args];
  process.on('exit', () => {
    writeFileSync(folder + '/whole.' + process.versions.v8 + '.' + process.arch + '.bin', script.createCachedData());
  });
  script.runInThisContext()(createRequire(program), program);
`;

import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const FIXTURE = resolve(dirname(fileURLToPath(import.meta.url)), '../../fixtures/hello-world');

/** Copies the fixture into a directory and compiles its program there. Needs gcc. */
export function prepareHelloWorld(directory: string): string {
  cpSync(FIXTURE, directory, { recursive: true });
  const flags = [
    '-static',
    '-nostdlib',
    '-nostartfiles',
    '-ffreestanding',
    '-fno-pie',
    '-no-pie',
    '-Os',
    '-s',
    '-Wl,--build-id=none',
  ];
  execFileSync('gcc', [...flags, '-o', join(directory, 'hello'), join(directory, 'hello.c')]);
  return directory;
}

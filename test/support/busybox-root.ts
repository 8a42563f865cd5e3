import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from './needs.ts';

const APPLETS = [
  'sh', 'cat', 'chmod', 'chroot', 'cp', 'echo', 'env', 'false', 'grep', 'hostname', 'id', 'ifconfig', 'kill', 'ln', 'ls', 'mkdir',
  'mkfifo', 'mknod', 'mount', 'mv', 'ping', 'printf', 'ps', 'pwd', 'readlink', 'rm', 'rmdir', 'setsid', 'sleep', 'stat', 'su', 'tee',
  'test', 'touch', 'true', 'umount',
] as const; // biome-ignore format: a word list

/** Makes a root filesystem of one static program: enough for a shell and for looking around. */
export function makeBusyboxRoot(directory: string): string {
  for (const name of ['bin', 'etc', 'tmp', 'root', 'home/app']) mkdirSync(join(directory, name), { recursive: true });
  // Not a copy: since Node 24 a copied file has its source's owner too, which in a user namespace is nobody.
  writeFileSync(join(directory, 'bin/busybox'), readFileSync(programPath('busybox')!), { mode: 0o755 });
  for (const name of APPLETS) symlinkSync('busybox', join(directory, 'bin', name));
  writeFileSync(join(directory, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\napp:x:1234:5678::/home/app:/bin/sh\n');
  writeFileSync(join(directory, 'etc/group'), 'root:x:0:\napp:x:5678:\n');
  return directory;
}

/** All paths below a directory, sorted, to compare what was there before and after. */
export function pathsBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true }).map(String).sort();
}

/** The classic: stand outside a chroot made inside, climb, make that the root, and list what is there. */
const ESCAPE = `
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void) {
  int out = open("/", O_RDONLY);
  mkdir("/x", 0755);
  if (chroot("/x") || fchdir(out)) return 2;
  for (int i = 0; i < 64; i++) if (chdir("..")) return 3;
  if (chroot(".")) return 4;
  DIR *root = opendir("/");
  for (struct dirent *e; (e = readdir(root));) if (e->d_name[0] != '.') puts(e->d_name);
  return 0;
}`;

/** Writes a static program that tries to leave its root. Needs gcc. */
export function compileEscape(file: string): void {
  execFileSync('gcc', ['-static', '-x', 'c', '-o', file, '-'], { input: ESCAPE });
}

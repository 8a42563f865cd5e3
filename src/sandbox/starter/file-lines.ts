import type { Line } from './table.ts';

const AT_FDCWD = -100;
const O_WRONLY = 1;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const O_CLOEXEC = 0o2000000;

/** Creates a new file with this text. `descriptor` is the lowest free one. */
export function writeFileLines(path: string, text: string, descriptor: number): readonly Line[] {
  const bytes = Buffer.from(text);
  const doing = `write \`${path}\``;
  return [
    { name: 'openat', args: [AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600], doing },
    { name: 'write', args: [descriptor, bytes, bytes.length], doing, expect: bytes.length, onOther: 'failed' },
    { name: 'close', args: [descriptor], doing },
  ];
}

/** What is registered in binfmt_misc: which interpreter the kernel starts for programs that it cannot run itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Usually mounted here, but not in every container. */
export const BINFMT_FOLDER = '/proc/sys/fs/binfmt_misc';

export interface Registration {
  readonly interpreter: string;
  /** `F`: the kernel opened the interpreter at registration, so it is not needed in the root of a process. */
  readonly flags: string;
}

/** Returns the registration that the kernel uses for a program, or undefined if there is none or it is unknown. */
export function findRegistration(program: Uint8Array, folder: string = BINFMT_FOLDER): Registration | undefined {
  return listNames(folder)
    .map((name) => parseRegistration(readText(join(folder, name))))
    .find((each) => each !== undefined && isFor(each, program));
}

interface Rule extends Registration {
  readonly offset: number;
  readonly magic: Buffer;
  readonly mask: Buffer | undefined;
}

/** The kernel's Documentation/admin-guide/binfmt-misc.rst. Returns undefined for rules that are disabled or go by the name. */
function parseRegistration(text: string): Rule | undefined {
  const lines = text.split('\n');
  const readField = (name: string) => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  const [interpreter, magic] = [readField('interpreter'), readField('magic')];
  if (lines[0] !== 'enabled' || interpreter === undefined || magic === undefined) return undefined;
  const mask = readField('mask');
  return {
    interpreter,
    flags: readField('flags:')?.trim() ?? '',
    offset: Number(readField('offset') ?? 0),
    magic: Buffer.from(magic, 'hex'),
    mask: mask === undefined ? undefined : Buffer.from(mask, 'hex'),
  };
}

function isFor({ offset, magic, mask }: Rule, program: Uint8Array): boolean {
  const bits = (at: number) => mask?.[at] ?? 0xff;
  return magic.every((byte, at) => ((program[offset + at] ?? 0) & bits(at)) === (byte & bits(at)));
}

function listNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Looks at a program that could not be started: does it exist, and does what it needs exist? */
import { type FileTree, resolveInTree, type TreePath } from '../../../content/index.ts';
import { thisProcessor } from '../../../host/index.ts';
import { readContent } from '../../../layer/index.ts';
import type { RunStep } from '../../../plan/index.ts';
import { type ElfFacts, readElf } from './elf.ts';

/**
 * Enough for the first line of a script and for the header of an ELF file, whose program headers come right after it.
 */
const HEAD = 4096;

type Place = Pick<RunStep, 'env' | 'workdir' | 'scripts'>;

/** Returns a hint why the program could not be started, or undefined if the reason is unknown. */
export async function describeProgram(tree: FileTree, place: Place, name: string): Promise<string | undefined> {
  if (name.endsWith('\r')) return withReturn('a script');
  const path = findProgram(tree, place, name);
  if (path === undefined) return explainMissing(place, name);
  const entry = tree.stat(path);
  if (entry?.type === 'directory') return `\`${name}\` is a directory`;
  if (entry?.type !== 'file') return undefined;
  const head = await headOf(tree, path);
  const fault =
    head.toString('latin1', 0, 2) === '#!' ? scriptFault(tree, place, { name, head }) : elfFault(tree, name, head);
  if (fault !== undefined) return fault;
  return (entry.mode & 0o111) === 0 ? `\`${name}\` is not executable: it has mode ${octal(entry.mode)}` : undefined;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function findProgram(tree: FileTree, place: Place, name: string): TreePath | undefined {
  const found = (path: string): TreePath | undefined => {
    const resolved = resolveInTree(tree, path);
    return tree.stat(resolved) === undefined ? undefined : resolved;
  };
  if (name.includes('/')) return found(name.startsWith('/') ? name : `${place.workdir}/${name}`);
  for (const folder of searchPath(place)) {
    const path = found(`${folder}/${name}`);
    if (path !== undefined && tree.stat(path)?.type === 'file') return path;
  }
  return undefined;
}

function searchPath({ env }: Place): readonly string[] {
  const value = env.findLast((pair) => pair.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  return value.split(':').filter((folder) => folder.startsWith('/'));
}

function explainMissing(place: Place, name: string): string | undefined {
  const script = place.scripts.find((each) => name === `/dev/pipes/${each.name}`);
  if (script !== undefined) return undefined;
  if (/(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(name) && name.startsWith('/')) {
    return `\`${name}\` is not in the image: use a base that has a shell, or copy files instead`;
  }
  if (name.includes('/')) return `\`${name}\` is not in the image`;
  const folders = searchPath(place).join(':');
  return `\`${name}\` is not in the image's PATH${folders === '' ? '' : ` (${folders})`}: is it installed?`;
}

async function headOf(tree: FileTree, path: TreePath): Promise<Buffer> {
  const entry = tree.stat(path)!;
  const location = await tree.locate(path);
  const size = Math.min(entry.size, HEAD);
  const head =
    location.kind === 'host' ? { ...location, size } : { ...location, bytes: location.bytes.subarray(0, size) };
  return readContent({ ...entry, size }, head);
}

interface ProgramHead {
  readonly name: string;
  readonly head: Buffer;
}

/** The kernel reads the first line up to the line feed, including a carriage return. */
function scriptFault(tree: FileTree, place: Place, { name, head }: ProgramHead): string | undefined {
  const line = head.toString('utf8').slice(2).split('\n')[0]!;
  if (line.endsWith('\r')) return withReturn(`\`${name}\``);
  const [interpreter = '', argument = ''] = line.trim().split(/\s+/);
  if (findProgram(tree, place, interpreter) === undefined) {
    return `\`${name}\` exists, but its interpreter \`${interpreter}\` is not in the image`;
  }
  const isThere = !interpreter.endsWith('/env') || argument === '' || argument.startsWith('-');
  if (isThere || findProgram(tree, place, argument) !== undefined) return undefined;
  return `\`${name}\` exists, but its interpreter \`${argument}\` is not in the image's PATH`;
}

function withReturn(script: string): string {
  const how = "`sed -i 's/\\r$//'` removes them";
  return `${script} has Windows line endings: the carriage return after \`#!\` is part of the interpreter's name; ${how}`;
}

function elfFault(tree: FileTree, name: string, head: Buffer): string | undefined {
  const elf = readElf(head);
  if (elf === undefined) return undefined;
  const { loader } = elf;
  if (loader !== undefined && tree.stat(resolveInTree(tree, loader)) === undefined) {
    const why = 'it was built for another C library, or the image has none';
    return `\`${name}\` exists, but its loader \`${loader}\` is not in the image: ${why}`;
  }
  return foreignMachine(name, elf);
}

function foreignMachine(name: string, { machine }: ElfFacts): string | undefined {
  const ours = { x64: 'x86-64', arm64: 'AArch64' }[thisProcessor()];
  if (ours === undefined || machine === undefined || machine === ours || machine === 'x86') return undefined;
  return `\`${name}\` is a program for ${machine}, and this machine is ${ours}`;
}

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeBusyboxRoot } from './busybox-root.ts';
import { type CommandResult, mkimageIn } from './mkimage.ts';
import { tempDir } from './temp.ts';

const CLI = resolve(dirname(fileURLToPath(import.meta.url)), '../../dist/cli.js');

export type Mkimage = (
  args: readonly string[],
  options?: { readonly input?: string | Uint8Array; readonly env?: Readonly<Record<string, string>> },
) => Promise<CommandResult>;

export interface ContainerStore {
  readonly home: string;
  readonly root: string;
  readonly mkimage: Mkimage;
  /** Runs a command that must succeed, and returns its output. */
  readonly must: (...args: readonly string[]) => Promise<string>;
  /** Starts the command line and does not wait. */
  readonly spawn: (args: readonly string[], stdio?: 'ignore' | 'pipe') => ReturnType<typeof spawn>;
}

/** A store with the image `bb`: one static program with its applets. */
export async function openContainerStore(name: string): Promise<ContainerStore> {
  const home = tempDir(name);
  const context = join(home, 'context');
  mkdirSync(context);
  makeBusyboxRoot(join(context, 'root'));
  writeFileSync(
    join(context, 'Dockerfile'),
    'FROM scratch\nCOPY root /\nENV FROM_IMAGE=yes\nRUN ["/bin/busybox","--install","-s","/bin"]\nCMD ["/bin/echo","from the image"]\n',
  );
  const mkimage = mkimageIn(home);
  const must = async (...args: readonly string[]): Promise<string> => {
    const result = await mkimage(args);
    if (result.code === 0) return result.stdout;
    throw new Error(`mkimage ${args.join(' ')}: exit ${result.code}\n${result.stdout}\n${result.stderr}`);
  };
  await must('build', '-q', '-t', 'bb', context);
  const root = join(home, 'root');
  const env = { ...process.env, MKIMAGE_ROOT: root };
  return {
    home,
    root,
    mkimage,
    must,
    spawn: (args, stdio = 'ignore') => spawn(process.execPath, [CLI, ...args], { env, stdio }),
  };
}

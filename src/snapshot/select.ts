import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeUser, isInUserNamespace, recordAllAttributes } from '../host/index.ts';
import type { SnapshotterOptions } from './chain-snapshotter.ts';
import type { Snapshotter } from './index.ts';
import { OverlaySnapshotter } from './overlay.ts';

export interface SelectSnapshotterOptions extends SnapshotterOptions {
  /** `recorded`: copies, in which owners of files are kept in attributes. Undefined: the best one. */
  readonly kind?: 'recorded' | undefined;
}

/**
 * Uses overlayfs if it can be mounted on this directory, otherwise copying (on an overlay, on NFS). This is tested once for each boot
 * and container, and the result is stored. `directory` is `<root>/snapshots-v1`.
 */
export async function selectSnapshotter({ kind, ...options }: SelectSnapshotterOptions): Promise<Snapshotter> {
  const at = (name: string) => ({ ...options, directory: join(options.directory, name) });
  if (kind === 'recorded') {
    recordAllAttributes();
    const { NativeSnapshotter } = await import('./native.ts');
    return new NativeSnapshotter(at('recorded'));
  }
  const { works, detail } = await canOverlay(options.directory);
  options.log?.debug('sandbox', 'snapshotter chosen', { snapshotter: works ? 'overlay' : 'native', because: detail });
  if (works) return new OverlaySnapshotter(at('overlay'));
  const { NativeSnapshotter } = await import('./native.ts');
  return new NativeSnapshotter(at('native'));
}

interface Trial {
  readonly works: boolean;
  /** Why, for people. */
  readonly detail: string;
}

async function canOverlay(directory: string): Promise<Trial> {
  const file = join(directory, 'overlay-trial');
  const here = placeOfTrial();
  if (readRemembered(file) === `${here} yes`)
    return { works: true, detail: 'one could be mounted in an earlier trial' };
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const trial = mkdtempSync(join(directory, 'trial-'));
  try {
    const tried = await tryOverlay(trial);
    writeFileSync(join(trial, 'result'), `${here} ${tried.works ? 'yes' : 'no'}`);
    renameSync(join(trial, 'result'), file);
    return tried;
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}

/** Everything that the result depends on: the boot, the container, the users that exist for this process. */
function placeOfTrial(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  return [boot, readlinkSync('/proc/self/ns/mnt'), describeUser()].join(' ');
}

function readRemembered(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Mounts an overlay in its own mount namespace and writes a file to it. */
async function tryOverlay(cwd: string): Promise<Trial> {
  for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(join(cwd, name));
  const attributes = isInUserNamespace() ? 'userxattr' : 'redirect_dir=off';
  const options = `lowerdir=lower,upperdir=upper,workdir=work,metacopy=off,index=off,xino=off,volatile,${attributes}`;
  const script = `mount -n -t overlay overlay -o ${options} merged && : >merged/file`;
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', LIBMOUNT_FORCE_MOUNT2: 'always' };
  const args = ['--mount', '--propagation=private', 'sh', '-c', script];
  return promisify(execFile)('unshare', args, { cwd, env }).then(
    () => ({ works: true, detail: `one could be mounted with ${options}` }),
    ({ message, stderr }: Error & { stderr?: string }) => ({ works: false, detail: stderr?.trim() || message }),
  );
}

import { chmodSync, chownSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandOptions, type CommandResult, run } from './mkimage.ts';
import { tempDir } from './temp.ts';

const HOME = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const USER = 1234;
/** The first of the subordinate ids: inside, it is the user 1. */
export const FIRST_ID = 200_000;

export interface OrdinaryUser {
  /** A directory that belongs to the user. */
  readonly home: string;
  /** A directory that everybody may read, with the built program in `app/dist`. */
  readonly place: string;
  /** This project, at a path that everybody may read. */
  readonly checkout: string;
  readonly mkimage: (args: readonly string[], options?: CommandOptions) => Promise<CommandResult>;
  readonly run: (command: readonly string[], options?: CommandOptions) => Promise<CommandResult>;
}

/**
 * A user of its own, without changing the machine: its entries of /etc/passwd and /etc/subuid are mounted in a namespace of each process.
 * `ranges`: whether the user has subordinate ids.
 */
export function createOrdinaryUser({ ranges }: { readonly ranges: boolean }): OrdinaryUser {
  const place = tempDir('user');
  chmodSync(place, 0o755);
  const home = join(place, 'home');
  mkdirSync(home);
  chownSync(home, USER, USER);
  const files = {
    passwd: `root:x:0:0:root:/root:/bin/sh\nbuilder:x:${USER}:${USER}::${home}:/bin/sh\n`,
    group: `root:x:0:\nbuilder:x:${USER}:\n`,
    subuid: ranges ? `builder:${FIRST_ID}:65536\n` : '',
    subgid: ranges ? `builder:${FIRST_ID}:65536\n` : '',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
  for (const part of ['dist', 'package.json', 'node_modules/@koromix', 'node_modules/@bokuweb']) {
    cpSync(join(HOME, part), join(place, 'app', part), { recursive: true });
  }
  const checkout = join(place, 'checkout');
  mkdirSync(checkout);
  const names = Object.keys(files).join(' ');
  const script = `for name in ${names}; do [ -e /etc/$name ] || : >/etc/$name; mount --bind "$0/$name" /etc/$name; done
mount --bind "$1" "$0/checkout"; shift
exec setpriv --reuid ${USER} --regid ${USER} --clear-groups "$@"`;
  const start = (command: readonly string[], options: CommandOptions = {}) => {
    const env = {
      HOME: home,
      XDG_DATA_HOME: '',
      XDG_CACHE_HOME: join(home, '.cache'),
      MKIMAGE_ROOT: '',
      ...options.env,
    };
    const args = ['--mount', '--propagation', 'private', 'sh', '-c', script, place, HOME, ...command];
    return run('unshare', args, { cwd: home, ...options, env });
  };
  return {
    home,
    place,
    checkout,
    run: start,
    mkimage: (args, options) => start([process.execPath, join(place, 'app/dist/cli.js'), ...args], options),
  };
}

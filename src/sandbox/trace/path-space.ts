/** The names that a traced step sees, and where the files are. Names are in latin1, one character for each byte. */
import { readlinkSync } from 'node:fs';

export interface PlacedMount {
  /** Absolute, without symlinks. */
  readonly target: string;
  /** A path of the host. */
  readonly source: string;
  readonly readonly: boolean;
}

export interface Resolved {
  /** The name in the step. */
  readonly guest: string;
  readonly host: Buffer;
  readonly readonly: boolean;
}

const MAX_LINKS = 40;
const ELOOP = -40;
const ENOENT = -2;

export class PathSpace {
  /** Later mounts hide earlier ones. */
  readonly #mounts: PlacedMount[] = [];
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  add(mount: PlacedMount): void {
    this.#mounts.push(mount);
  }

  /** The place of a name without symlinks. */
  hostOf(guest: string): { readonly host: string; readonly readonly: boolean } {
    const mount = this.#mounts.findLast(({ target }) => isBelow(guest, target));
    if (mount === undefined) return { host: `${this.#root}${guest}`, readonly: false };
    return { host: `${mount.source}${guest.slice(mount.target.length)}`, readonly: mount.readonly };
  }

  /** The name of a place; undefined if the step has no name for it. */
  guestOf(host: string): string | undefined {
    const mount = this.#mounts.findLast(({ source }) => isBelow(host, source));
    if (mount !== undefined) return `${mount.target}${host.slice(mount.source.length)}`;
    return isBelow(host, this.#root) ? host.slice(this.#root.length) || '/' : undefined;
  }

  /** Resolves a name inside the root. `pid`: the process that `/proc/self` is. `follow`: whether the last component is followed. */
  resolve(start: string, path: string, { pid, follow }: { readonly pid: number; readonly follow: boolean }): Resolved {
    const todo = componentsOf(path);
    let done = path.startsWith('/') ? [] : componentsOf(start);
    const last = follow || path.endsWith('/');
    for (let links = 0; todo.length > 0; ) {
      const name = todo.shift()!;
      if (name === '..') {
        done = done.slice(0, -1);
        continue;
      }
      const own = done.length === 1 && done[0] === 'proc' && (name === 'self' || name === 'thread-self');
      const next = [...done, own ? String(pid) : name];
      const link = todo.length > 0 || last ? this.#linkAt(next) : undefined;
      if (link === undefined) {
        done = next;
        continue;
      }
      if (++links > MAX_LINKS) throw Object.assign(new Error('too many links'), { errno: ELOOP });
      if (link.startsWith('/')) done = [];
      todo.unshift(...componentsOf(link));
    }
    const guest = `/${done.join('/')}`;
    const { host, readonly } = this.hostOf(guest === '/' ? '' : guest);
    return { guest, host: Buffer.from(host === '' ? '/' : host, 'latin1'), readonly };
  }

  /** The kernel follows most links of /proc itself, because their text is not where they lead. */
  #linkAt(names: readonly string[]): string | undefined {
    if (names[0] === 'proc') {
      if (names.length < 3) return undefined;
      const magic = names.at(-1);
      if (names.length === 3 && magic === 'root') return '/';
      if (names.length !== 3 || magic !== 'cwd') return undefined;
      return this.guestOf(readlinkSync(`/${names.join('/')}`, 'latin1')) ?? '/';
    }
    const host = Buffer.from(this.hostOf(`/${names.join('/')}`).host, 'latin1');
    try {
      return readlinkSync(host, 'latin1');
    } catch {
      return undefined; // not a link, or missing: the call itself reports what is wrong
    }
  }

  /** The name of the directory of a descriptor, or the working directory. */
  guestOfLink(link: string): string {
    const guest = this.guestOf(readlinkSync(link, 'latin1'));
    if (guest === undefined) throw Object.assign(new Error('no name'), { errno: ENOENT });
    return guest;
  }
}

function isBelow(path: string, top: string): boolean {
  return path === top || path.startsWith(`${top}/`);
}

function componentsOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

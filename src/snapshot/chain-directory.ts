import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { removeTreeInTurns } from '../host/index.ts';
import { type ChainId, encodedOf, parseDigest } from '../oci/index.ts';
import type { Maker } from './index.ts';

/** What a maker that cannot be looked at (another machine or container) left is nobody's after this long. */
const FOREIGN_PATIENCE_MS = 24 * 3600 * 1000;

/**
 * Where unpacked chains lie. What is whole has a chain's name; all else is being made, below its maker's name:
 *
 *     <chain hex>/fs      the unpacked form
 *     <chain hex>/name    its short name
 *     <chain hex>/work    what overlayfs left of a step; removing it would cost every step some milliseconds
 *     l/<short name>      symlink to ../<chain hex>/fs, because mount(2) takes a page of names
 *     active/<maker>-x/   being written: fs, work
 *     empty/              what an image without layers stands on
 *
 * A chain appears by one rename and is never written to again, so that a killed or a second process costs time only.
 */
export class ChainDirectory {
  readonly #directory: string;
  readonly #maker: Maker;
  #isSwept = false;

  constructor(directory: string, maker: Maker) {
    this.#directory = directory;
    this.#maker = maker;
    for (const name of ['l', 'active', 'empty']) mkdirSync(join(directory, name), { recursive: true, mode: 0o755 });
  }

  get empty(): string {
    return join(this.#directory, 'empty');
  }

  has(chain: ChainId): boolean {
    return existsSync(this.#at(chain));
  }

  /** The unpacked form of a chain that is there, by its short name. */
  short(chain: ChainId): string {
    return join(this.#directory, 'l', readFileSync(join(this.#at(chain), 'name'), 'utf8'));
  }

  /** An empty directory to make something in, holding `fs`. */
  create(): string {
    const made = mkdtempSync(join(this.#directory, 'active', `${this.#maker.name}-`));
    mkdirSync(join(made, 'fs'));
    resetRoot(join(made, 'fs'));
    return made;
  }

  /** Makes what was created the unpacked form of a chain. If it is there already, that one stays and ours goes. */
  async adopt(made: string, chain: ChainId): Promise<void> {
    resetRoot(join(made, 'fs'));
    const name = this.#linkTo(chain);
    writeFileSync(join(made, 'name'), name);
    try {
      renameSync(made, this.#at(chain));
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      rmSync(join(this.#directory, 'l', name));
      await this.discard(made);
    }
  }

  async discard(made: string): Promise<void> {
    await removeTreeInTurns(made);
  }

  /** Chains that are unpacked. */
  chains(): readonly ChainId[] {
    return readdirSync(this.#directory)
      .filter((name) => /^[0-9a-f]{64}$/.test(name))
      .map((name) => parseDigest(`sha256:${name}`));
  }

  /** Removes what dead makers left, once; what cannot be removed is left for later. Others may be at work meanwhile. */
  sweepAbandoned(): void {
    if (this.#isSwept) return;
    this.#isSwept = true;
    void (async () => {
      for (const left of this.abandoned()) await this.discard(left);
    })().catch(() => {});
  }

  /** What dead makers left. */
  abandoned(): readonly string[] {
    const active = join(this.#directory, 'active');
    const now = this.#now();
    return readdirSync(active)
      .filter((name) => this.#isAbandoned(name, now - statSync(join(active, name)).mtimeMs))
      .map((name) => join(active, name));
  }

  /** Takes a chain out of use by one rename; the rest is the caller's to discard. */
  retire(chain: ChainId): string {
    const grave = mkdtempSync(join(this.#directory, 'active', `${this.#maker.name}-`));
    renameSync(this.#at(chain), join(grave, 'retired'));
    return grave;
  }

  /** Removes short names that lead nowhere. */
  sweepNames(): void {
    const links = join(this.#directory, 'l');
    for (const name of readdirSync(links)) {
      if (!existsSync(join(links, name))) rmSync(join(links, name), { force: true });
    }
  }

  /** The file system's own clock, by which leftovers are dated. */
  #now(): number {
    const probe = mkdtempSync(join(this.#directory, 'active', `${this.#maker.name}-`));
    const { mtimeMs } = statSync(probe);
    rmdirSync(probe);
    return mtimeMs;
  }

  #isAbandoned(name: string, age: number): boolean {
    const liveness = this.#maker.livenessOf(name.slice(0, name.lastIndexOf('-')));
    return liveness === 'dead' || (liveness === 'unknown' && age > FOREIGN_PATIENCE_MS);
  }

  #at(chain: ChainId): string {
    return join(this.#directory, encodedOf(chain));
  }

  /** Takes the next free short name; a number that another process takes at the same moment is passed over. */
  #linkTo(chain: ChainId): string {
    const links = join(this.#directory, 'l');
    for (let number = readdirSync(links).length; ; number++) {
      const name = number.toString(36);
      try {
        symlinkSync(join('..', encodedOf(chain), 'fs'), join(links, name));
        return name;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }
}

/**
 * Every step begins with a root directory of mode 0755 that belongs to who unpacks it, whatever a step before made of its own:
 * no layer tells, and those who run images make the root themselves.
 */
export function resetRoot(directory: string): void {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  const is = lstatSync(directory);
  if (is.uid !== uid || is.gid !== gid) chownSync(directory, uid, gid);
  if ((is.mode & 0o7777) !== 0o755) chmodSync(directory, 0o755);
}

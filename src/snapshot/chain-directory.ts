import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createSuspectError } from '../content/index.ts';
import { removeTreeAsync, thisUser } from '../host/index.ts';
import { type ChainId, encodedOf, parseDigest } from '../oci/index.ts';
import type { Maker, UnpackedChain } from './index.ts';
import { formatSeal, parseSeal, type Seal, sealOf } from './seal.ts';

/** What a maker that cannot be looked at (another machine or container) left is nobody's after this long. */
const FOREIGN_PATIENCE_MS = 24 * 3600 * 1000;

/**
 * Where unpacked chains lie. What is whole has a chain's name; all else is being made, below its maker's name:
 *
 *     <chain hex>/fs      the unpacked form
 *     <chain hex>/name    its short name
 *     <chain hex>/seal    proves that `fs` is still what was unpacked (seal.ts); its time is when it was last used
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
  readonly #used = new Set<ChainId>();
  readonly #verified = new Map<ChainId, Promise<void>>();
  #isSwept = false;

  constructor(directory: string, maker: Maker) {
    this.#directory = directory;
    this.#maker = maker;
    for (const name of ['l', 'active', 'empty']) mkdirSync(join(directory, name), { recursive: true, mode: 0o755 });
  }

  get empty(): string {
    return join(this.#directory, 'empty');
  }

  /** One without a seal is of another version, or damaged: it counts as missing, and is taken out of the way. */
  has(chain: ChainId): boolean {
    if (existsSync(join(this.#at(chain), 'seal'))) return true;
    if (existsSync(this.#at(chain))) void this.discard(this.retire(chain)).catch(() => {});
    return false;
  }

  /**
   * Resolves when the unpacked forms are known to be what they were when they were made. Each is looked at once. Throws
   * `integrity`, with the chain as a suspect.
   */
  async verify(chains: readonly ChainId[]): Promise<void> {
    for (const chain of chains) {
      const running = this.#verified.get(chain) ?? this.#verifyOne(chain);
      this.#verified.set(chain, running);
      await running;
    }
  }

  /** Takes a chain out of use that may not be what it was. */
  async forget(chain: ChainId): Promise<void> {
    this.#verified.delete(chain);
    if (existsSync(this.#at(chain))) await this.discard(this.retire(chain));
  }

  /** Tells a later collection that the chain was of use now, by the file system's own clock. */
  markUsed(chain: ChainId): void {
    if (this.#used.has(chain)) return;
    this.#used.add(chain);
    try {
      const seal = openSync(join(this.#at(chain), 'seal'), 'r+');
      writeSync(seal, '{', 0);
      closeSync(seal);
    } catch {
      // Only a hint: the store may not be written to, or somebody has just removed the chain.
    }
  }

  /** What is unpacked, as its seals say: no tree is walked. */
  *usage(): Generator<UnpackedChain> {
    for (const chain of this.chains()) {
      const file = join(this.#at(chain), 'seal');
      const [seal, stats] = [readSeal(file), statSync(file, { throwIfNoEntry: false })];
      yield { chain, bytes: seal?.bytes ?? 0, usedAt: stats?.mtimeMs ?? 0 };
    }
  }

  async isSound(chain: ChainId): Promise<boolean> {
    const seal = readSeal(join(this.#at(chain), 'seal'));
    return seal !== undefined && seal.stamp === (await sealOf(join(this.#at(chain), 'fs'))).stamp;
  }

  async #verifyOne(chain: ChainId): Promise<void> {
    if (await this.isSound(chain)) return;
    throw createSuspectError(
      { kind: 'unpacked', chain },
      `read unpacked layer \`${chain}\`: it was changed since it was unpacked`,
    );
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
    writeFileSync(join(made, 'seal'), formatSeal(await sealOf(join(made, 'fs'))), { mode: 0o600 });
    if (existsSync(this.#at(chain))) this.has(chain);
    try {
      renameSync(made, this.#at(chain));
      this.#verified.set(chain, Promise.resolve());
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      rmSync(join(this.#directory, 'l', name));
      await this.discard(made);
    }
  }

  async discard(made: string): Promise<void> {
    await removeTreeAsync(made);
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
  const { uid, gid } = thisUser();
  const is = lstatSync(directory);
  if (is.uid !== uid || is.gid !== gid) chownSync(directory, uid, gid);
  if ((is.mode & 0o7777) !== 0o755) chmodSync(directory, 0o755);
}

function readSeal(file: string): Seal | undefined {
  try {
    return parseSeal(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

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
import { computeSeal, formatSeal, parseSeal, type Seal } from './seal.ts';

/** Leftovers of an owner that cannot be checked (another machine or container) are removed after this time. */
const FOREIGN_PATIENCE_MS = 24 * 3600 * 1000;

/**
 * The directory of unpacked chains. A complete chain is stored under its own name, an incomplete one under its maker's name:
 *
 *     <chain hex>/fs      the unpacked form
 *     <chain hex>/name    its short name
 *     <chain hex>/seal    shows if `fs` was changed after it was unpacked (seal.ts); its mtime is the time of the last use
 *     <chain hex>/work    leftovers of overlayfs; not removed, because that would take some milliseconds for each step
 *     l/<short name>      symlink to ../<chain hex>/fs, because the options of mount(2) are limited to one page
 *     active/<maker>-x/   incomplete: fs, work
 *     empty/              the root for an image without layers
 *
 * A chain is created by one rename and never changed after that, so a killed process or a second process does no damage.
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

  /** Returns true if the chain is unpacked. Removes a chain without a seal: it is damaged, or of another version. */
  has(chain: ChainId): boolean {
    if (existsSync(join(this.#at(chain), 'seal'))) return true;
    if (existsSync(this.#at(chain))) void this.discard(this.retire(chain)).catch(() => {});
    return false;
  }

  /**
   * Verifies that the chains were not changed after they were unpacked. Each chain is checked once. Throws `integrity` with the chain
   * as a suspect.
   */
  async verify(chains: readonly ChainId[]): Promise<void> {
    for (const chain of chains) {
      const running = this.#verified.get(chain) ?? this.#verifyOne(chain);
      this.#verified.set(chain, running);
      await running;
    }
  }

  /** Removes a chain that may be damaged. */
  async forget(chain: ChainId): Promise<void> {
    this.#verified.delete(chain);
    if (existsSync(this.#at(chain))) await this.discard(this.retire(chain));
  }

  /** Records the time of use for a later garbage collection, by the file system's clock. */
  markUsed(chain: ChainId): void {
    if (this.#used.has(chain)) return;
    this.#used.add(chain);
    try {
      const seal = openSync(join(this.#at(chain), 'seal'), 'r+');
      writeSync(seal, '{', 0);
      closeSync(seal);
    } catch {
      // The time is not essential: the store may be read-only, or another process has just removed the chain.
    }
  }

  /** Lists the unpacked chains. Sizes come from the seals, so no tree is walked. */
  *usage(): Generator<UnpackedChain> {
    for (const chain of this.chains()) {
      const file = join(this.#at(chain), 'seal');
      const [seal, stats] = [readSeal(file), statSync(file, { throwIfNoEntry: false })];
      yield { chain, bytes: seal?.bytes ?? 0, usedAt: stats?.mtimeMs ?? 0 };
    }
  }

  async isSound(chain: ChainId): Promise<boolean> {
    const seal = readSeal(join(this.#at(chain), 'seal'));
    return seal !== undefined && seal.stamp === (await computeSeal(join(this.#at(chain), 'fs'))).stamp;
  }

  async #verifyOne(chain: ChainId): Promise<void> {
    if (await this.isSound(chain)) return;
    throw createSuspectError(
      { kind: 'unpacked', chain },
      `read unpacked layer \`${chain}\`: it was changed since it was unpacked`,
    );
  }

  /** Returns the short path of an unpacked chain. */
  short(chain: ChainId): string {
    return join(this.#directory, 'l', readFileSync(join(this.#at(chain), 'name'), 'utf8'));
  }

  /** Creates a directory for an incomplete chain, with an empty `fs`. */
  create(): string {
    const made = mkdtempSync(join(this.#directory, 'active', `${this.#maker.name}-`));
    mkdirSync(join(made, 'fs'));
    resetRoot(join(made, 'fs'));
    return made;
  }

  /** Renames a directory of `create` to a chain. If the chain exists already, keeps that one and removes the new one. */
  async adopt(made: string, chain: ChainId): Promise<void> {
    resetRoot(join(made, 'fs'));
    const name = this.#linkTo(chain);
    writeFileSync(join(made, 'name'), name);
    writeFileSync(join(made, 'seal'), formatSeal(await computeSeal(join(made, 'fs'))), { mode: 0o600 });
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

  /** Removes leftovers of dead processes, once, without waiting. Ignores errors. Other processes may run at the same time. */
  sweepAbandoned(): void {
    if (this.#isSwept) return;
    this.#isSwept = true;
    void (async () => {
      for (const left of this.listAbandoned()) await this.discard(left);
    })().catch(() => {});
  }

  /** Lists leftovers of dead processes. */
  listAbandoned(): readonly string[] {
    const active = join(this.#directory, 'active');
    const now = this.#now();
    return readdirSync(active)
      .filter((name) => this.#isAbandoned(name, now - statSync(join(active, name)).mtimeMs))
      .map((name) => join(active, name));
  }

  /** Renames a chain, so that it is no longer used. The caller must discard the returned directory. */
  retire(chain: ChainId): string {
    const grave = mkdtempSync(join(this.#directory, 'active', `${this.#maker.name}-`));
    renameSync(this.#at(chain), join(grave, 'retired'));
    return grave;
  }

  /** Removes short names of removed chains. */
  sweepNames(): void {
    const links = join(this.#directory, 'l');
    for (const name of readdirSync(links)) {
      if (!existsSync(join(links, name))) rmSync(join(links, name), { force: true });
    }
  }

  /** Returns the file system's time, which the ages of leftovers are computed with. */
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

  /** Creates the next free short name. Skips a number that another process uses at the same time. */
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
 * Sets the root directory to mode 0755 and this process's owner, even if an earlier step changed it: layers do not contain the
 * attributes of the root, and container runtimes create the root themselves.
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

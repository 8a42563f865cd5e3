import { symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { isInUserNamespace } from '../../host/index.ts';

/** mount(2) truncates the option string at one page; overlayfs accepts at most this many directories. */
const MAX_OPTIONS = 4095;
const MAX_LOWERS = 500;
const PLAIN = /^[\w.@%+=-]+$/;

export interface OverlayDirectories {
  /** Topmost first. */
  readonly lowers: readonly string[];
  readonly writable: { readonly upper: string; readonly work: string; readonly isKept?: boolean } | undefined;
}

/**
 * Short names, relative to a step's scratch directory, for the directories of overlay mounts. Five hundred layers must fit into a page,
 * and a `,` or `:` in a path would end the name. Each parent directory is replaced by one symlink.
 */
export class OverlayNames {
  readonly #scratch: string;
  readonly #aliases = new Map<string, string>();

  constructor(scratch: string) {
    this.#scratch = scratch;
  }

  /** Returns options for mount(2). The working directory must be the scratch directory. Throws `limit`. */
  optionsFor({ lowers, writable }: OverlayDirectories): readonly string[] {
    if (lowers.length > MAX_LOWERS) {
      throw new MkimageError('limit', `mount overlay: ${lowers.length} layers, and the kernel takes ${MAX_LOWERS}`);
    }
    const below = `lowerdir=${lowers.map((directory) => this.#short(directory)).join(':')}`;
    const above = writable && [
      `upperdir=${this.#short(writable.upper)}`,
      `workdir=${this.#short(writable.work)}`,
      // The kernel refuses to mount a volatile overlay a second time.
      ...(writable.isKept === true ? [] : ['volatile']),
    ];
    const options = [below, ...(above ?? []), 'metacopy=off', 'index=off', 'xino=off', attributes()];
    if (options.join(',').length > MAX_OPTIONS)
      throw new MkimageError('limit', 'mount overlay: the names of the layers do not fit');
    return options;
  }

  #short(directory: string): string {
    const name = basename(directory);
    return PLAIN.test(name) ? `${this.#alias(dirname(directory))}/${name}` : this.#alias(directory);
  }

  #alias(directory: string): string {
    const known = this.#aliases.get(directory);
    if (known !== undefined) return known;
    const alias = `l${this.#aliases.size.toString(36)}`;
    symlinkSync(directory, join(this.#scratch, alias));
    this.#aliases.set(directory, alias);
    return alias;
  }
}

/** In a user namespace, overlayfs may keep its marks only in `user.` attributes. That excludes redirects, and the option for them. */
function attributes(): string {
  return isInUserNamespace() ? 'userxattr' : 'redirect_dir=off';
}

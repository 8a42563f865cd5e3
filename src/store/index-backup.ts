import { readFileSync } from 'node:fs';
import { writeAtomically } from '../host/index.ts';
import { openSealedJson, sealJson } from '../oci/index.ts';

/**
 * `index-v1.json` next to the layout: a sealed copy of what mkimage last wrote into index.json. index.json itself cannot be
 * sealed, because other tools read and write it. With the copy, damage to one file does not lose the names of all images.
 */
export class IndexBackup {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The text that mkimage last wrote into index.json; undefined if unknown. */
  read(): string | undefined {
    try {
      const backup = openSealedJson(readFileSync(this.#path, 'utf8')) as { readonly index: string } | undefined;
      return backup?.index;
    } catch {
      return undefined;
    }
  }

  write(index: string, temporary: string): void {
    writeAtomically(this.#path, sealJson({ index }), { temporary, durability: 'kill' });
  }
}

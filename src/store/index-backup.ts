import { readFileSync } from 'node:fs';
import { writeAtomically } from '../host/index.ts';
import { openSealedJson, sealJson } from '../oci/index.ts';

/**
 * `index-v1.json` beside the layout: what mkimage last wrote into index.json, sealed. That one cannot be sealed itself, because
 * other tools read and write it; the two together survive what would lose the names of all images.
 */
export class IndexBackup {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The text of index.json as it was last written; undefined if that is not known. */
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

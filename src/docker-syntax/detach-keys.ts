import { MkimageError } from '../errors.ts';

const DEFAULT_KEYS = 'ctrl-p,ctrl-q';

/** Recognises the keys that detach from a container, also if they arrive in several pieces. */
export class DetachKeys {
  readonly #keys: readonly number[];
  #typed = 0;

  /** `''` means no keys. Throws `usage`. */
  constructor(text = DEFAULT_KEYS) {
    this.#keys = text === '' ? [] : text.split(',').map(codeOf);
  }

  /** Returns the bytes for the container. A part of the sequence is held back until it is clear that it is not complete. */
  push(chunk: Buffer): { readonly bytes: Buffer; readonly isDetached: boolean } {
    if (this.#keys.length === 0) return { bytes: chunk, isDetached: false };
    const passed: number[] = [];
    for (const code of chunk) {
      if (code !== this.#keys[this.#typed]) {
        passed.push(...this.#keys.slice(0, this.#typed));
        this.#typed = code === this.#keys[0] ? 1 : 0;
        if (this.#typed === 0) passed.push(code);
        continue;
      }
      this.#typed += 1;
      if (this.#typed === this.#keys.length) return { bytes: Buffer.from(passed), isDetached: true };
    }
    return { bytes: Buffer.from(passed), isDetached: false };
  }
}

/** `a`, or `ctrl-` with a letter or one of `@[\]^_`. */
function codeOf(key: string): number {
  const [, control] = /^ctrl-([a-z@[\\\]^_])$/i.exec(key) ?? [];
  if (control !== undefined) return control.toUpperCase().charCodeAt(0) & 0x1f;
  if (key.length === 1) return key.charCodeAt(0);
  throw new MkimageError('usage', `invalid detach keys: \`${key}\``, { hint: 'e.g. `ctrl-p,ctrl-q`' });
}

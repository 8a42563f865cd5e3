import { MkimageError } from '../../errors.ts';

/**
 * Applies a `--chmod` value, octal (`0755`) or symbolic (`u=rwX,go=rX`), to a mode of 12 bits. Symbols have the
 * meaning of BSD chmod, without umask, as in BuildKit: `t` applies to all but `o`.
 */
export function applyChmod(spec: string, mode: number, isDirectory: boolean): number {
  const octal = octalMode(spec);
  if (octal !== undefined) return octal;
  return spec.split(',').reduce((result, clause) => applyClause(clause, result, isDirectory), mode);
}

/** Returns the mode if the value is octal, else undefined. */
export function octalMode(spec: string): number | undefined {
  return /^[0-7]+$/.test(spec) ? Number.parseInt(spec, 8) & 0o7777 : undefined;
}

const SHIFT: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
const SPECIAL: Readonly<Record<string, number>> = { u: 0o4000, g: 0o2000, o: 0o1000 };

function applyClause(clause: string, mode: number, isDirectory: boolean): number {
  const match = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause);
  if (!match) throw new MkimageError('usage', `invalid chmod parameter: \`${clause}\``);
  const who = match[1] === '' || match[1]?.includes('a') ? 'ugo' : (match[1] ?? '');
  let result = mode;
  for (const [, operator, permissions] of (match[2] ?? '').matchAll(/([-+=])([rwxXstugo]*)/g)) {
    result = applyAction(result, who, { operator: operator ?? '', permissions: permissions ?? '', isDirectory });
  }
  return result;
}

interface ModeAction {
  readonly operator: string;
  readonly permissions: string;
  readonly isDirectory: boolean;
}

function applyAction(mode: number, who: string, { operator, permissions, isDirectory }: ModeAction): number {
  let result = mode;
  for (const whom of new Set(who)) {
    const bits = bitsFor(whom, permissions, { mode, isDirectory });
    // Permissions copied from another class (`g=u`) replace only permissions, not special bits.
    const keepsSpecial = isDirectory || /^[ugo]$/.test(permissions);
    const all = (0o7 << (SHIFT[whom] ?? 0)) | (keepsSpecial ? 0 : (SPECIAL[whom] ?? 0));
    if (operator === '+') result |= bits;
    else if (operator === '-') result &= ~bits;
    else result = (result & ~all) | bits;
  }
  return result;
}

interface FileMode {
  readonly mode: number;
  readonly isDirectory: boolean;
}

function bitsFor(whom: string, permissions: string, { mode, isDirectory }: FileMode): number {
  const shift = SHIFT[whom] ?? 0;
  let bits = 0;
  for (const letter of permissions) {
    if (letter === 'r') bits |= 4 << shift;
    else if (letter === 'w') bits |= 2 << shift;
    else if (letter === 'x') bits |= 1 << shift;
    else if (letter === 'X') bits |= isDirectory || (mode & 0o111) !== 0 ? 1 << shift : 0;
    else if (letter === 's') bits |= whom === 'o' ? 0 : (SPECIAL[whom] ?? 0);
    else if (letter === 't') bits |= whom === 'o' ? 0 : 0o1000;
    else bits |= ((mode >> (SHIFT[letter] ?? 0)) & 0o7) << shift;
  }
  return bits;
}

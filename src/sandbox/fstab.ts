import type { Mount } from './mount-plan.ts';

/** Where the step's root lies for programs that still run outside it: mounted on top of `/`, it is entered by `..`. */
export const NEW_ROOT = '/..';

/** One line for `mount -a -T` (fstab(5)); `root` goes before every path of the step's root. */
export function fstabLine(mount: Mount, root: string): string {
  const source = mount.sourceInRoot === true ? `${root}/${mount.source}` : mount.source;
  const target = mount.target === '' ? root : `${root}/${mount.target}`;
  const type = mount.type === 'bind' ? 'none' : mount.type;
  return `${[source, target, type, mount.options.join(',')].map(escapeField).join(' ')} 0 0\n`;
}

/** fstab's fields end at blanks: those and the escape itself are written as three octal digits. */
function escapeField(text: string): string {
  return text.replace(/[\s\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** Text as one word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

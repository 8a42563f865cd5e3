/** Checks values of COPY and ADD flags. */
import { isDigest } from '../../oci/index.ts';
import { classifySource } from '../stages/remote-source.ts';
import { Fault } from '../words/fault.ts';

const OCTAL = /^[0-7]+$/;
const CLAUSE = '[augo]*(?:[-+=][rstwxXugo]*)+';
const SYMBOLIC = new RegExp(`^${CLAUSE}(?:,${CLAUSE})*$`);

/** Accepts an octal mode up to 07777, or a symbolic mode of chmod(1). Throws a Fault. */
export function checkMode(chmod: string): void {
  if (OCTAL.test(chmod) ? Number.parseInt(chmod, 8) <= 0o7777 : SYMBOLIC.test(chmod)) return;
  throw new Fault('invalid-mode', `invalid chmod parameter: \`${chmod}\``, {
    hint: 'use an octal number from 0 to 07777, or a symbolic mode such as `u=rwX,go=rX`',
  });
}

/** With `--link` there is no /etc/passwd for user names; only `root` is known. Throws a Fault. */
export function checkOwner(chown: string): void {
  const [user = '', group = ''] = chown.split(/:(.*)/s);
  const isNumber = (id: string) => id === 'root' || /^[+-]?\d+$/.test(id);
  if (isNumber(user) && (group === '' || isNumber(group))) return;
  throw new Fault('owner-by-name', `--chown=${chown}: user and group names can't be resolved when used with --link`, {
    hint: 'use numeric uid[:gid] instead',
  });
}

/** A checksum needs exactly one URL or repository as source. Throws a Fault. */
export function checkChecksum(checksum: string, paths: readonly string[]): void {
  const [only, ...others] = paths;
  if (only === undefined || others.length > 0) {
    throw new Fault('invalid-checksum', "checksum can't be specified for multiple sources");
  }
  const { kind } = classifySource(only);
  if (kind === 'path') throw new Fault('invalid-checksum', 'checksum requires HTTP(S) or Git sources');
  if (kind === 'git' || isDigest(checksum)) return;
  throw new Fault('invalid-checksum', `invalid checksum \`${checksum}\``, {
    hint: 'a checksum is `sha256:` and 64 lower-case hexadecimal digits',
  });
}

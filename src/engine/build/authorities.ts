/** `--ca FILE`: further certificate authorities, for steps and for what is fetched. */
import { resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import { MkimageError } from '../../errors.ts';
import { certificatesIn, pemOf } from '../../executor/index.ts';
import { readRegularFile } from '../../host/index.ts';
import type { Authorities, Config } from '../config.ts';

const MOST_BYTES = 16 * 1024 * 1024;

/** The certificates in the file, and what is trusted with them. Throws `usage` for what is no file of certificates. */
export function readAuthorities(file: string, cwd: string, { environment }: Pick<Config, 'environment'>): Authorities {
  const path = resolve(cwd, file);
  const extra = environment.NODE_EXTRA_CA_CERTS && resolve(cwd, environment.NODE_EXTRA_CA_CERTS);
  const certificates = certificatesIn(readFile(file, path));
  if (certificates.length > 0) {
    const added = [...extraCertificates(extra), ...certificates].map((der) => pemOf([der]));
    return { certificates, added, roots: [...rootCertificates, ...added] };
  }
  throw new MkimageError('usage', `read \`--ca ${file}\`: it holds no certificate`, {
    hint: 'give a file of certificates in PEM: `-----BEGIN CERTIFICATE-----` and so on',
  });
}

/** What the variable adds to Node's list: Node 20 forgets it where another one adds to that. It only warns of a file that is not there. */
function extraCertificates(file: string | undefined): readonly Buffer[] {
  if (!file) return [];
  try {
    return certificatesIn(readRegularFile(file, MOST_BYTES));
  } catch {
    return [];
  }
}

function readFile(file: string, path: string): Buffer {
  try {
    return readRegularFile(path, MOST_BYTES);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = WORDS[code ?? ''] ?? message;
    throw new MkimageError('usage', `read \`--ca ${file}\`: ${why}`, WORDS[code ?? ''] === undefined ? { cause } : {});
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
};

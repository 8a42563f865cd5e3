/** `--ca FILE`: additional certificate authorities, for steps and for downloads. */
import { resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import { MkimageError } from '../../errors.ts';
import { certificatesIn, pemOf } from '../../executor/index.ts';
import { readRegularFile } from '../../host/index.ts';
import type { Authorities, Config } from '../config.ts';

const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Reads the certificates in the file, and combines them with the trusted ones. Throws `usage` for a file without
 * certificates.
 */
export function readAuthorities(file: string, cwd: string, { environment }: Pick<Config, 'environment'>): Authorities {
  const path = resolve(cwd, file);
  const extra = environment.NODE_EXTRA_CA_CERTS && resolve(cwd, environment.NODE_EXTRA_CA_CERTS);
  const certificates = certificatesIn(readFile(file, path));
  if (certificates.length > 0) {
    const added = [...readExtraCertificates(extra), ...certificates].map((der) => pemOf([der]));
    return { certificates, added, roots: [...rootCertificates, ...added] };
  }
  throw new MkimageError('usage', `read \`--ca ${file}\`: no certificate found`, {
    hint: 'give a file of certificates in PEM, which begins with `-----BEGIN CERTIFICATE-----`',
  });
}

/**
 * Reads what NODE_EXTRA_CA_CERTS adds to Node's list, because Node 20 ignores the variable if another list is set. As
 * in Node, a missing file is only a warning.
 */
function readExtraCertificates(file: string | undefined): readonly Buffer[] {
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
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
};

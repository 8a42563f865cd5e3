/** `certs.d/<host:port>/`: certificate authorities (`*.crt`) and client certificates (`*.cert` with `*.key`) of registries. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { errnoOf, readRegularFile } from '../../host/index.ts';
import type { HostTls } from '../../http/index.ts';

const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Reads the folders for a host; undefined: there are none. All authorities are trusted; the first client certificate by name is used.
 * Throws `usage` for a client certificate without a key, and for a file that cannot be read.
 */
export function readCertificates(folders: readonly string[], host: string): HostTls | undefined {
  // Docker uses the name in the reference, which may have the default port.
  const names = /:\d+$/.test(host) ? [host] : [host, `${host}:443`];
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).flatMap(listFiles);
  const authorities = found.filter((path) => path.endsWith('.crt')).map(read);
  const certificate = found.find((path) => path.endsWith('.cert'));
  if (certificate === undefined) return authorities.length === 0 ? undefined : { authorities };
  const key = certificate.replace(/\.cert$/, '.key');
  if (!found.includes(key)) throw createError(certificate, `the key \`${key}\` is missing`);
  return { authorities, identity: { certificate: read(certificate), key: read(key) } };
}

function listFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error) ?? '')) return [];
    throw createError(folder, (error as Error).message);
  }
}

function read(path: string): string {
  try {
    return readRegularFile(path, MOST_BYTES).toString('utf8');
  } catch (error) {
    throw createError(path, errnoOf(error) === 'EACCES' ? 'permission denied' : (error as Error).message);
  }
}

function createError(path: string, why: string): MkimageError {
  return new MkimageError('usage', `read certificates from \`${path}\`: ${why}`);
}

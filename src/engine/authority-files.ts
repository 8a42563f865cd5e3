/** Certificate authorities in files that the environment names. */
import { readRegularFile } from '../host/index.ts';
import type { Config } from './config.ts';

const MOST_BYTES = 16 * 1024 * 1024;

/**
 * PEM of everything that downloads trust in addition to Node's list: `--ca`, `SSL_CERT_FILE` and `NODE_EXTRA_CA_CERTS`. Node 20
 * ignores the last one for hosts with their own authorities. As in Node, a missing file is no error.
 */
export function listAuthorities({ authorities, environment }: Pick<Config, 'authorities' | 'environment'>): string[] {
  const files = [environment.SSL_CERT_FILE, ...(authorities === undefined ? [environment.NODE_EXTRA_CA_CERTS] : [])];
  return [...(authorities?.added ?? []), ...files.flatMap((path) => (path ? readPem(path) : []))];
}

function readPem(path: string): readonly string[] {
  try {
    const text = readRegularFile(path, MOST_BYTES).toString('utf8');
    return text.includes('-----BEGIN') ? [text] : [];
  } catch {
    return [];
  }
}

/**
 * Kept downloads, so that an unchanged URL is not fetched again:
 *
 *     <directory>/<64 hex of the URL>.json   the last answer of the server
 *     <directory>/<64 hex of the bytes>      the bytes
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestOf, encodedOf, isDigest } from '../../oci/index.ts';

/** The last answer for a fetched URL. */
export interface HttpRecord {
  readonly digest: Digest;
  readonly size: number;
  readonly etag: string | undefined;
  /** As the server sent it. */
  readonly lastModified: string | undefined;
}

export interface HttpFiles {
  /** The path for the bytes of a digest, whether or not it exists. */
  file(digest: Digest): string;
  /** The record of a URL; undefined if there is none or its bytes are missing. */
  recall(url: string): HttpRecord | undefined;
  remember(url: string, record: HttpRecord): void;
  /** The files of a URL: its record and its bytes. */
  filesOf(url: string, record: HttpRecord): readonly string[];
  /** A new temporary path in the same folder. */
  temporary(): string;
  /** Removes temporary files of killed builds after a day. */
  sweep(): void;
  /** Gives a finished file its name. */
  keep(temporary: string, digest: Digest): void;
}

export function httpFiles(directory: string): HttpFiles {
  const file = (digest: Digest) => join(directory, encodedOf(digest));
  const recordFile = (url: string) => join(directory, `${encodedOf(digestOf(url))}.json`);
  const temporary = () => join(directory, `${randomBytes(8).toString('hex')}.tmp`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return {
    file,
    temporary,
    sweep: () => sweep(directory, temporary()),
    recall: (url) => {
      const record = decodeRecord(recordFile(url));
      const size = record === undefined ? undefined : statSync(file(record.digest), { throwIfNoEntry: false })?.size;
      return record !== undefined && size === record.size ? record : undefined;
    },
    remember: (url, record) => {
      const work = temporary();
      writeFileSync(work, JSON.stringify(record), { mode: 0o600 });
      renameSync(work, recordFile(url));
    },
    filesOf: (url, { digest }) => [recordFile(url), file(digest)],
    keep: (work, digest) => renameSync(work, file(digest)),
  };
}

function decodeRecord(file: string): HttpRecord | undefined {
  try {
    const { digest, size, etag, lastModified } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (!isDigest(digest) || typeof size !== 'number') return undefined;
    return { digest, size, etag: textOrNothing(etag), lastModified: textOrNothing(lastModified) };
  } catch {
    return undefined;
  }
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

const PATIENCE_MS = 24 * 3600 * 1000;

/** Uses the clock of the file system, taken from the time of the file `probe`. */
function sweep(directory: string, probe: string): void {
  writeFileSync(probe, '');
  const now = statSync(probe).mtimeMs;
  for (const name of readdirSync(directory).filter((each) => each.endsWith('.tmp'))) {
    const file = join(directory, name);
    const time = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now;
    if (file === probe || now - time > PATIENCE_MS) discard(file);
  }
}

/** Removes a file if it exists. */
export function discard(file: string): void {
  rmSync(file, { force: true });
}

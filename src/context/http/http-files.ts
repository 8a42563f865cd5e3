/**
 * Downloads that are kept, so that an unchanged URL is asked for and not fetched again:
 *
 *     <directory>/<64 hex of the URL>.json   what the server last said about it
 *     <directory>/<64 hex of the bytes>      the bytes
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestOf, encodedOf, isDigest } from '../../oci/index.ts';

/** What is known of a URL that was fetched. */
export interface HttpRecord {
  readonly digest: Digest;
  readonly size: number;
  readonly etag: string | undefined;
  /** As the server sent it. */
  readonly lastModified: string | undefined;
}

export interface HttpFiles {
  /** Where the bytes of a digest are, or would be. */
  file(digest: Digest): string;
  /** What the server last said about a URL, if the bytes are still here. */
  recall(url: string): HttpRecord | undefined;
  remember(url: string, record: HttpRecord): void;
  /** The files that what is known of a URL lies in. */
  filesOf(url: string, record: HttpRecord): readonly string[];
  /** A name beside the others, to write to. */
  temporary(): string;
  /** Removes what killed builds left half-written, a day after it was. */
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
      const record = decoded(recordFile(url));
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

function decoded(file: string): HttpRecord | undefined {
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

/** By the clock of the file system, which `probe` asks for. */
function sweep(directory: string, probe: string): void {
  writeFileSync(probe, '');
  const now = statSync(probe).mtimeMs;
  for (const name of readdirSync(directory).filter((each) => each.endsWith('.tmp'))) {
    const file = join(directory, name);
    const time = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now;
    if (file === probe || now - time > PATIENCE_MS) discard(file);
  }
}

/** Removes a file that may not be there. */
export function discard(file: string): void {
  rmSync(file, { force: true });
}

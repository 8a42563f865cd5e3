/**
 * Stores the instructions of a build file by the digest of its text: `parsed-v1/<64 hex>.json`. A known build file
 * needs no parser, and loading the parser is the slowest part of a cached build.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { markUsed, renameOver } from '../../../host/index.ts';
import type { BuildFile } from '../../../instructions/index.ts';
import { digestOf, encodedOf, openSealedJson, sealJson } from '../../../oci/index.ts';
import type { Config } from '../../config.ts';

interface MemoServices {
  readonly folder: (id: 'parsed') => string;
  readonly config: Pick<Config, 'version' | 'now'>;
}

/** Returns the stored instructions, or parses and stores them. The key includes the version of the program. */
export async function parseWithMemo(bytes: Uint8Array, { folder, config }: MemoServices): Promise<BuildFile> {
  const { version, now } = config;
  const file = join(
    folder('parsed'),
    `${encodedOf(digestOf(Buffer.concat([Buffer.from(`${version}\n`), bytes])))}.json`,
  );
  const isSecret = HOLDS_PASSWORD.test(Buffer.from(bytes).toString('latin1'));
  const remembered = isSecret ? undefined : read(file);
  if (remembered) {
    markUsed(file, Date.parse(now()));
    return remembered;
  }
  const { parseBuildFile } = await import('../../../instructions/index.ts');
  const parsed = parseBuildFile(bytes);
  if (parsed.diagnostics.length === 0 && !isSecret) save(file, parsed);
  return parsed;
}

/** A URL with user information: it may contain a password, which is never stored. Such a file is parsed every time. */
const HOLDS_PASSWORD = /:\/\/[^\s/?#]*@/;

function read(file: string): BuildFile | undefined {
  try {
    return openSealedJson(readFileSync(file, 'utf8')) as BuildFile | undefined;
  } catch {
    return undefined;
  }
}

/** A failure to store is ignored, because it only costs time. */
function save(file: string, parsed: BuildFile): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${randomUUID()}`;
    writeFileSync(temporary, sealJson(parsed), { flag: 'wx', mode: 0o600 });
    renameOver(temporary, file);
  } catch {
    // The next build parses again.
  }
}

/** The objects in the store, and how each is verified. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredKind } from '../../api/index.ts';
import { hashFile } from '../../content/index.ts';
import { isStatTable } from '../../context/index.ts';
import { isListing } from '../../layer/index.ts';
import { type Digest, digestOf, encodedOf, isDigest, openSealedJson } from '../../oci/index.ts';
import type { Snapshotter } from '../../snapshot/index.ts';
import type { Store } from '../../store/index.ts';
import { FOLDERS } from '../folders.ts';

export interface CheckServices {
  readonly store: Store;
  readonly snapshotter: () => Promise<Snapshotter>;
  readonly config: { readonly root: string };
}

export interface Proof {
  readonly kind: StoredKind;
  /** Below the root of the store. */
  readonly path: string;
  readonly holds: (signal: AbortSignal) => boolean | Promise<boolean>;
  /** The digest of a blob: images may need it. */
  readonly digest?: Digest;
  /** Set if a repair is more than removing the path. */
  readonly repair?: () => Promise<void>;
}

export async function* storedProofs(services: CheckServices): AsyncGenerator<Proof> {
  yield* indexProof(services);
  yield* digestProofs(services, 'blob', join(FOLDERS.images.path, 'blobs', 'sha256'));
  yield* digestProofs(services, 'download', FOLDERS.downloads.path);
  for (const rule of RULES) yield* fileProofs(services, rule);
  yield* unpackedProofs(services);
}

function* indexProof({ store }: CheckServices): Generator<Proof> {
  const path = join(FOLDERS.images.path, 'index.json');
  yield { kind: 'index', path, holds: () => store.isIndexSound(), repair: () => store.repairIndex() };
}

/** Files named by the digest of their content. */
function* digestProofs({ config }: CheckServices, kind: 'blob' | 'download', folder: string): Generator<Proof> {
  for (const name of namesIn(join(config.root, folder))) {
    const digest = `sha256:${name}`;
    if (!isDigest(digest)) continue; // written by another tool
    const path = join(folder, name);
    const holds = async (signal: AbortSignal) => (await hashFile(join(config.root, path), signal)) === digest;
    yield { kind, path, ...(kind === 'blob' && { digest }), holds };
  }
}

/** Files that contain their own checksum. */
interface Rule {
  readonly kind: StoredKind;
  readonly folder: string;
  /** Paths below the folder; the first group is the digest in the file name. */
  readonly pattern: RegExp;
  readonly holds: (bytes: Buffer, digest: Digest) => boolean;
}

const SPLIT = /^([0-9a-f]{2}\/[0-9a-f]{62,64})(?:\.json)?$/;
const isSealed = (bytes: Buffer): boolean => openSealedJson(bytes.toString('utf8')) !== undefined;

const RULES: readonly Rule[] = [
  { kind: 'form', folder: FOLDERS.forms.path, pattern: SPLIT, holds: isSealed },
  {
    kind: 'listing',
    folder: FOLDERS.listings.path,
    pattern: SPLIT,
    holds: (bytes, diffId) => isListing(bytes.toString('utf8'), diffId),
  },
  { kind: 'record', folder: FOLDERS.records.path, pattern: SPLIT, holds: isRecord },
  {
    kind: 'record',
    folder: FOLDERS.records.path,
    pattern: /^listings\/([0-9a-f]{64})$/,
    holds: (bytes, own) => digestOf(bytes) === own,
  },
  {
    kind: 'record',
    folder: FOLDERS.records.path,
    pattern: /^slots\/([0-9a-f]{64})$/,
    holds: (bytes) => isDigest(bytes.toString().trim()),
  },
  { kind: 'build-file', folder: FOLDERS.parsed.path, pattern: /^([0-9a-f]{64})\.json$/, holds: isSealed },
  { kind: 'context', folder: FOLDERS.contexts.path, pattern: /^([0-9a-f]{64})$/, holds: isStatTable },
  {
    kind: 'certificate',
    folder: FOLDERS.certificates.path,
    pattern: /^([0-9a-f]{64})\.pem$/,
    holds: (bytes, own) => digestOf(bytes) === own,
  },
];

function isRecord(bytes: Buffer, key: Digest): boolean {
  return (openSealedJson(bytes.toString('utf8')) as { readonly key?: unknown } | undefined)?.key === key;
}

function* fileProofs({ config }: CheckServices, { kind, folder, pattern, holds }: Rule): Generator<Proof> {
  for (const below of filesIn(join(config.root, folder))) {
    const name = pattern.exec(below)?.[1];
    if (name === undefined) continue;
    const path = join(folder, below);
    yield { kind, path, holds: () => isProven(join(config.root, path), (bytes) => holds(bytes, digestIn(name))) };
  }
}

/** Both `ab/cdef…` and `ab/abcdef…` are in use. */
function digestIn(name: string): Digest {
  const hex = name.replace('/', '');
  return `sha256:${hex.slice(-64)}`;
}

function isProven(file: string, holds: (bytes: Buffer) => boolean): boolean {
  try {
    return holds(readFileSync(file));
  } catch {
    return false; // a folder, or an unreadable file
  }
}

async function* unpackedProofs({ config, snapshotter }: CheckServices): AsyncGenerator<Proof> {
  if (!existsSync(join(config.root, FOLDERS.unpacked.path))) return;
  const unpacked = await snapshotter();
  for (const { chain } of unpacked.usage()) {
    const path = join(FOLDERS.unpacked.path, unpacked.name, encodedOf(chain));
    yield { kind: 'unpacked', path, holds: () => unpacked.isSound(chain), repair: () => unpacked.forget(chain) };
  }
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function filesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort() : [];
}

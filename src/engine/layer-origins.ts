/**
 * Remembers in which repositories a blob has been seen: `origins-v1/<64 hex>.json`. A push asks a registry to mount a layer from
 * there, and a layer that is not in the store can be fetched from there. It is only a hint: a wrong one costs one request.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markUsed, writeAtomically } from '../host/index.ts';
import { type Digest, encodedOf, openSealedJson, sealJson } from '../oci/index.ts';

/** A repository of a registry. */
export interface Origin {
  readonly registry: string;
  readonly repository: string;
}

export interface LayerOrigins {
  /** Repositories that had the blob, the last one first. */
  originsOf(digest: Digest): readonly Origin[];
  /** A failure to write is ignored, because it only costs time. */
  remember(digests: readonly Digest[], origin: Origin): void;
}

export interface OriginsOptions {
  readonly directory: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Most origins of one blob. */
const MOST = 8;

export function openLayerOrigins({ directory, now }: OriginsOptions): LayerOrigins {
  const fileOf = (digest: Digest) => join(directory, `${encodedOf(digest)}.json`);
  return {
    originsOf: (digest) => readOrigins(fileOf(digest)),
    remember: (digests, origin) => {
      for (const digest of new Set(digests)) {
        const file = fileOf(digest);
        const known = readOrigins(file);
        if (isSame(known[0], origin)) markUsed(file, now());
        else writeOrigins(directory, file, [origin, ...known.filter((each) => !isSame(each, origin))].slice(0, MOST));
      }
    },
  };
}

function isSame(one: Origin | undefined, other: Origin): boolean {
  return one?.registry === other.registry && one.repository === other.repository;
}

function readOrigins(file: string): readonly Origin[] {
  try {
    const { origins } = openSealedJson(readFileSync(file, 'utf8')) as { readonly origins: readonly Origin[] };
    return origins.map(({ registry, repository }) => ({ registry, repository }));
  } catch {
    return [];
  }
}

function writeOrigins(directory: string, file: string, origins: readonly Origin[]): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeAtomically(file, sealJson({ origins }), { temporary: `${file}.${randomUUID()}`, durability: 'kill' });
  } catch {
    // The next push uploads the layer instead of mounting it.
  }
}

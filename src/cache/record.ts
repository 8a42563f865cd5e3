import { type Descriptor, isDigest, type Layer, openSealedJson, sealJson } from '../oci/index.ts';
import type { CacheKey, KeyPart } from './key.ts';

/** The stored result of a step. */
export interface CacheRecord {
  readonly parts: readonly KeyPart[];
  /** null: the step changed nothing. */
  readonly layer: Layer | null;
  /** RFC 3339. Becomes `created` of the history entry, so that a cached rebuild gives the same image. */
  readonly createdAt: string;
  /** How long the step took, in milliseconds: fetching its layer from elsewhere may not take much longer. */
  readonly ms?: number;
}

/** The text of a record on disk. It contains the key, so that a file under a wrong name is rejected. */
export function encodeRecord(key: CacheKey, record: CacheRecord): string {
  return sealJson({ key, ...record });
}

/**
 * Returns the record in a file's text, or undefined if it is incomplete, changed, malformed or belongs to another key.
 */
export function decodeRecord(key: CacheKey, text: string): CacheRecord | undefined {
  const value = parseSealed(text);
  return isObject(value) && value.key === key ? readRecord(value) : undefined;
}

/** Returns the record in a parsed JSON value, without other members. Returns undefined if it is malformed. */
export function readRecord(value: unknown): CacheRecord | undefined {
  if (!isObject(value)) return undefined;
  const { parts, layer, createdAt, ms } = value;
  if (!isParts(parts) || !isLayerOrNull(layer) || !isTime(createdAt)) return undefined;
  return { parts, layer, createdAt, ...(isDuration(ms) ? { ms } : {}) };
}

function parseSealed(text: string): unknown {
  try {
    return openSealedJson(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isParts(value: unknown): value is readonly KeyPart[] {
  return (
    Array.isArray(value) &&
    value.every((part) => isObject(part) && typeof part.name === 'string' && typeof part.value === 'string')
  );
}

function isLayerOrNull(value: unknown): value is Layer | null {
  return value === null || (isObject(value) && isDigest(value.diffId) && isDescriptor(value.blob));
}

export function isDescriptor(value: unknown): value is Descriptor {
  return (
    isObject(value) &&
    typeof value.mediaType === 'string' &&
    isDigest(value.digest) &&
    Number.isSafeInteger(value.size) &&
    Number(value.size) >= 0
  );
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function isDuration(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

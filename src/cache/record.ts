import { type Descriptor, isDigest, type Layer, openSealedJson, sealJson } from '../oci/index.ts';
import type { CacheKey, KeyPart } from './key.ts';

/** The stored result of a step. */
export interface CacheRecord {
  readonly parts: readonly KeyPart[];
  /** null: the step changed nothing. */
  readonly layer: Layer | null;
  /** RFC 3339. Becomes `created` of the history entry, so that a cached rebuild gives the same image. */
  readonly createdAt: string;
}

/** The text of a record on disk. It contains the key, so that a file under a wrong name is rejected. */
export function encodeRecord(key: CacheKey, record: CacheRecord): string {
  return sealJson({ key, ...record });
}

/**
 * Returns the record in a file's text, or undefined if it is incomplete, changed, malformed or belongs to another key.
 */
export function decodeRecord(key: CacheKey, text: string): CacheRecord | undefined {
  const value = parsed(text);
  if (!isObject(value) || value.key !== key) return undefined;
  const { parts, layer, createdAt } = value;
  if (!isParts(parts) || !isLayerOrNull(layer) || !isTime(createdAt)) return undefined;
  return { parts, layer, createdAt };
}

function parsed(text: string): unknown {
  try {
    return openSealedJson(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
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

function isDescriptor(value: unknown): value is Descriptor {
  return (
    isObject(value) && typeof value.mediaType === 'string' && isDigest(value.digest) && Number.isSafeInteger(value.size)
  );
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

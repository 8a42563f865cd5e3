import { MkimageError } from '../errors.ts';
import type { Descriptor } from './descriptor.ts';
import type { ImageConfig } from './image-config.ts';
import {
  asCount,
  asDigest,
  asListOf,
  asMapOf,
  asRecord,
  asText,
  defined,
  type JsonRecord,
  optional,
  refuse,
} from './json/shape.ts';
import { parseStrictJson } from './json/strict-json.ts';
import type { Layer } from './layer.ts';
import type { ImageIndex, Manifest } from './manifest.ts';
import { isIndexType, isManifestType } from './media-types.ts';
import type { Platform } from './platform.ts';

/** The parsed document and its kind. */
export type ManifestOrIndex =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | { readonly kind: 'index'; readonly index: ImageIndex };

/** The expected media type, which the content must match. undefined: unknown. */
type Announced = { readonly mediaType: string } | undefined;

const DESCRIPTOR_MEMBERS = ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'artifactType', 'platform'];
const DOCUMENT_MEMBERS = [
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'manifests',
  'subject',
  'annotations',
];

const EITHER = 'it must have either `layers` or `manifests`';

/** Reads an image manifest (image-spec manifest.md, distribution's schema 2). Throws `invalid-archive`, `integrity`, `limit`, `unsupported`. */
export function parseManifest(bytes: Uint8Array, announced?: Announced): Manifest {
  const found = parseManifestOrIndex(bytes, announced);
  return found.kind === 'manifest' ? found.manifest : refuse('manifest', 'it is an index');
}

/** Reads an image index (image-spec image-index.md, Docker's manifest list). Throws as `parseManifest`. */
export function parseIndex(bytes: Uint8Array, announced?: Announced): ImageIndex {
  const found = parseManifestOrIndex(bytes, announced);
  return found.kind === 'index' ? found.index : refuse('index', 'it is a manifest');
}

/** Reads a manifest or an index, depending on its content. Throws as `parseManifest`. */
export function parseManifestOrIndex(bytes: Uint8Array, announced?: Announced): ManifestOrIndex {
  const record = asRecord(parseStrictJson(bytes, 'manifest'), 'manifest', DOCUMENT_MEMBERS);
  checkVersion(record);
  const isIndex = isIndexRecord(record, announced);
  checkMediaTypes(record, isIndex, announced);
  return isIndex ? { kind: 'index', index: indexOf(record) } : { kind: 'manifest', manifest: manifestOf(record) };
}

/** Decides by the list in it. Without a list (Go writes `null`, others omit it) the media type decides. */
function isIndexRecord(record: JsonRecord, announced: Announced): boolean {
  const { layers = null, manifests = null } = record;
  if (layers !== null || manifests !== null) {
    if (layers !== null && manifests !== null) refuse('manifest', EITHER);
    return manifests !== null;
  }
  if ((record.layers === null) !== (record.manifests === null)) return record.manifests === null;
  const type = optional(record, 'mediaType', 'manifest', asText) ?? announced?.mediaType ?? '';
  return isManifestType(type) || isIndexType(type) ? isIndexType(type) : refuse('manifest', EITHER);
}

/** The layers of a manifest with their diffIds, lowest first. Throws `invalid-archive` if manifest and config do not match. */
export function layersOf(manifest: Manifest, config: ImageConfig): readonly Layer[] {
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== manifest.layers.length) {
    refuse('config', `it has ${diffIds.length} diff_ids for ${manifest.layers.length} layers`);
  }
  return manifest.layers.map((blob, i) => ({ diffId: diffIds[i]!, blob }));
}

/** Reads a descriptor. Drops `urls` and embedded `data`, because mkimage uses neither. Throws `invalid-archive`. */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  const record = asRecord(value, where, DESCRIPTOR_MEMBERS);
  return defined({
    mediaType: asText(record.mediaType, `${where}.mediaType`),
    digest: asDigest(record.digest, `${where}.digest`),
    size: asCount(record.size, `${where}.size`),
    annotations: optional(record, 'annotations', where, asMapOf(asText)),
    platform: optional(record, 'platform', where, platformOf),
    artifactType: optional(record, 'artifactType', where, asText),
  });
}

function manifestOf(record: JsonRecord): Manifest {
  return defined({
    ...headOf(record, 'manifest'),
    config: parseDescriptor(record.config, 'manifest.config'),
    layers: optional(record, 'layers', 'manifest', asListOf(parseDescriptor)) ?? [],
  });
}

function indexOf(record: JsonRecord): ImageIndex {
  return defined({
    ...headOf(record, 'index'),
    manifests: optional(record, 'manifests', 'index', asListOf(parseDescriptor)) ?? [],
  });
}

function headOf(record: JsonRecord, where: string) {
  return {
    schemaVersion: 2 as const,
    mediaType: optional(record, 'mediaType', where, asText),
    artifactType: optional(record, 'artifactType', where, asText),
    subject: optional(record, 'subject', where, parseDescriptor),
    annotations: optional(record, 'annotations', where, asMapOf(asText)),
  };
}

function platformOf(value: unknown, where: string): Platform {
  const record = asRecord(value, where);
  return defined({
    os: asText(record.os, `${where}.os`),
    architecture: asText(record.architecture, `${where}.architecture`),
    variant: optional(record, 'variant', where, asText) || undefined,
    'os.version': optional(record, 'os.version', where, asText),
    'os.features': optional(record, 'os.features', where, asListOf(asText)),
  });
}

function checkVersion(record: JsonRecord): void {
  if (record.schemaVersion === 2) return;
  if (record.schemaVersion !== 1) refuse('manifest.schemaVersion', 'not 2');
  throw new MkimageError('unsupported', 'read manifest: image manifest version 2, schema 1 is not supported', {
    hint: 'push the image again with a current tool',
  });
}

/** Refuses a document that one reader takes for a manifest and another for an index, because it could hide a second image. */
function checkMediaTypes(record: JsonRecord, isIndex: boolean, announced: Announced): void {
  const own = optional(record, 'mediaType', 'manifest', asText);
  const fits = isIndex ? isIndexType : isManifestType;
  if (own !== undefined && !fits(own))
    refuse('manifest.mediaType', `\`${own.slice(0, 100)}\` does not fit what is in it`);
  if (announced === undefined) return;
  if (fits(announced.mediaType) && (own === undefined || own === announced.mediaType)) return;
  const found = own ?? (isIndex ? 'an index' : 'a manifest');
  throw new MkimageError(
    'integrity',
    `read manifest: announced as \`${announced.mediaType.slice(0, 100)}\`, but it is \`${found}\``,
    {
      evidence: { expected: announced.mediaType, found },
    },
  );
}

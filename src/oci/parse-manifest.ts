import { MkimageError } from '../errors.ts';
import type { Descriptor } from './descriptor.ts';
import type { ImageConfig } from './image-config.ts';
import {
  createMemberReader,
  expectCount,
  expectDigest,
  expectListOf,
  expectMapOf,
  expectRecord,
  expectText,
  type JsonRecord,
  refuse,
  removeUndefined,
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
  const record = expectRecord(parseStrictJson(bytes, 'manifest'), 'manifest', DOCUMENT_MEMBERS);
  checkVersion(record);
  const isIndex = isIndexRecord(record, announced);
  checkMediaTypes(record, isIndex, announced);
  return isIndex ? { kind: 'index', index: indexOf(record) } : { kind: 'manifest', manifest: manifestOf(record) };
}

/** Decides by the list in it. Without a list (Go writes `null`, others omit it) the media type decides. */
function isIndexRecord(record: JsonRecord, announced: Announced): boolean {
  const read = createMemberReader(record, 'manifest');
  const { layers = null, manifests = null } = record;
  if (layers !== null || manifests !== null) {
    if (layers !== null && manifests !== null) refuse('manifest', EITHER);
    return manifests !== null;
  }
  if ((record.layers === null) !== (record.manifests === null)) return record.manifests === null;
  const type = read('mediaType', expectText) ?? announced?.mediaType ?? '';
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
  const record = expectRecord(value, where, DESCRIPTOR_MEMBERS);
  const read = createMemberReader(record, where);
  return removeUndefined({
    mediaType: expectText(record.mediaType, `${where}.mediaType`),
    digest: expectDigest(record.digest, `${where}.digest`),
    size: expectCount(record.size, `${where}.size`),
    annotations: read('annotations', expectMapOf(expectText)),
    platform: read('platform', platformOf),
    artifactType: read('artifactType', expectText),
  });
}

function manifestOf(record: JsonRecord): Manifest {
  const read = createMemberReader(record, 'manifest');
  return removeUndefined({
    ...headOf(record, 'manifest'),
    config: parseDescriptor(record.config, 'manifest.config'),
    layers: read('layers', expectListOf(parseDescriptor)) ?? [],
  });
}

function indexOf(record: JsonRecord): ImageIndex {
  const read = createMemberReader(record, 'index');
  return removeUndefined({
    ...headOf(record, 'index'),
    manifests: read('manifests', expectListOf(parseDescriptor)) ?? [],
  });
}

function headOf(record: JsonRecord, where: string) {
  const read = createMemberReader(record, where);
  return {
    schemaVersion: 2 as const,
    mediaType: read('mediaType', expectText),
    artifactType: read('artifactType', expectText),
    subject: read('subject', parseDescriptor),
    annotations: read('annotations', expectMapOf(expectText)),
  };
}

function platformOf(value: unknown, where: string): Platform {
  const record = expectRecord(value, where);
  const read = createMemberReader(record, where);
  return removeUndefined({
    os: expectText(record.os, `${where}.os`),
    architecture: expectText(record.architecture, `${where}.architecture`),
    variant: read('variant', expectText) || undefined,
    'os.version': read('os.version', expectText),
    'os.features': read('os.features', expectListOf(expectText)),
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
  const read = createMemberReader(record, 'manifest');
  const own = read('mediaType', expectText);
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

/**
 * The stored forms of a layer, by diffId: `layers-v1/<2 hex>/<62 hex>.json` with `{"forms":[…]}`. A damaged or foreign record
 * is ignored. If two processes write at the same time, one form can be lost; then the layer is compressed again.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../host/index.ts';
import {
  compressionOf,
  type Digest,
  encodedOf,
  isDigest,
  openSealedJson,
  parseDescriptor,
  sealJson,
} from '../oci/index.ts';
import type { StoredForm } from './index.ts';

export function readForms(folder: string, diffId: Digest): readonly StoredForm[] {
  const path = recordPath(folder, diffId);
  // Most layers have no record, and the first exception of a process costs milliseconds.
  if (!existsSync(path)) return [];
  try {
    const record = openSealedJson(readFileSync(path, 'utf8')) as { forms: readonly StoredForm[] };
    return record.forms.map(checkForm).filter((form) => form !== undefined);
  } catch {
    return [];
  }
}

interface FormFolders {
  readonly folder: string;
  readonly temporary: string;
}

/** Adds a form. It replaces a form with the same recipe or the same blob. */
export function writeForm({ folder, temporary }: FormFolders, diffId: Digest, form: StoredForm): void {
  const others = readForms(folder, diffId).filter(
    ({ recipe, blob }) => recipe !== form.recipe && blob.digest !== form.blob.digest,
  );
  writeAtomically(recordPath(folder, diffId), sealJson({ forms: [...others, form] }), {
    temporary,
    durability: 'kill',
  });
}

export function removeForms(folder: string, diffId: Digest): void {
  rmSync(recordPath(folder, diffId), { force: true });
}

/** The diffIds that have a record. */
export function formRecords(folder: string): readonly Digest[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((path) => `sha256:${path.replace('/', '').replace(/\.json$/, '')}`)
      .filter(isDigest);
  } catch {
    return [];
  }
}

function recordPath(folder: string, diffId: Digest): string {
  const hex = encodedOf(diffId);
  return join(folder, hex.slice(0, 2), `${hex.slice(2)}.json`);
}

function checkForm(form: StoredForm): StoredForm | undefined {
  const blob = parseDescriptor(form.blob, 'form');
  const compression = compressionOf(blob.mediaType);
  return compression === undefined ? undefined : { compression, blob, recipe: String(form.recipe) };
}

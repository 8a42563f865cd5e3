/** `--build-context NAME=oci-layout://…`: provides an image of a layout directory to the plan, under a reference. */

import { resolve } from 'node:path';
import type { BuildRequest } from '../../../api/index.ts';
import { MkimageError } from '../../../errors.ts';
import { type Descriptor, type Platform, parseReference, type ResolvedImage } from '../../../oci/index.ts';
import type { Call } from '../../../progress.ts';
import { type ImageServices, imageAt } from '../../images/index.ts';

/**
 * Layout contexts by their placeholder reference. Its host cannot be a real registry: `.invalid` is reserved (RFC
 * 2606).
 */
export type LayoutContexts = ReadonlyMap<string, LayoutContext>;
export interface LayoutContext {
  readonly name: string;
  readonly directory: string;
  readonly target: Descriptor;
}

const HOST = 'oci-layout.invalid';

/** Replaces placeholder references in a text by the names of the contexts. */
export function replaceLayoutHost(text: string): string {
  return text.replace(/oci-layout\.invalid\/([a-z0-9-]+)@sha256:[0-9a-f]{64}/g, '$1');
}

/** Finds the image of each layout context; copies nothing. Throws `not-found`, `invalid-archive`. */
export async function findLayoutContexts(
  { namedContexts }: Pick<BuildRequest, 'namedContexts'>,
  cwd: string,
): Promise<LayoutContexts> {
  const found = new Map<string, LayoutContext>();
  for (const [name, input] of Object.entries(namedContexts)) {
    if (input.kind !== 'oci-layout') continue;
    const { findInLayout } = await import('../../../importer/index.ts');
    const directory = resolve(cwd, input.directory);
    const target = findInLayout(directory, input.reference);
    const repository = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    found.set(`${HOST}/${repository || 'context'}@${target.digest}`, { name, directory, target });
  }
  return found;
}

/** Returns the placeholder reference of a layout context. */
export function findLayoutReference(contexts: LayoutContexts, name: string): string | undefined {
  return [...contexts].find(([, context]) => context.name === name)?.[0];
}

/**
 * Copies the image of a layout context into the store and returns it. Throws `invalid-archive` if a part is missing.
 */
export async function importLayoutImage(
  services: ImageServices,
  {
    reference,
    layout: { directory, target },
    platform,
  }: { readonly reference: string; readonly layout: LayoutContext; readonly platform: Platform },
  call: Call,
): Promise<ResolvedImage> {
  const { importFromLayout } = await import('../../../importer/index.ts');
  await importFromLayout(directory, target, { sink: services.store, call });
  const image = await imageAt(services, { reference: parseReference(reference), target, platform }, call).catch(
    (error: unknown) => {
      throw error instanceof MkimageError ? error.with({ message: replaceLayoutHost(error.message) }) : error;
    },
  );
  for (const { blob } of image.layers) {
    if (await services.store.has(blob)) continue;
    throw new MkimageError('invalid-archive', `read image layout \`${directory}\`: layer ${blob.digest} is missing`);
  }
  return image;
}

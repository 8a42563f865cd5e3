/** `--build-context NAME=oci-layout://…`: an image of a layout directory under a name that the plan can ask for. */

import { resolve } from 'node:path';
import type { BuildRequest } from '../../../api/index.ts';
import { MkimageError } from '../../../errors.ts';
import { type Descriptor, type Platform, parseReference, type ResolvedImage } from '../../../oci/index.ts';
import type { Call } from '../../../progress.ts';
import { type ImageServices, imageAt } from '../../images/index.ts';

/** Layout contexts by the reference that stands for each. No registry has this host: `.invalid` is nobody's (RFC 2606). */
export type LayoutContexts = ReadonlyMap<string, LayoutContext>;
export interface LayoutContext {
  readonly name: string;
  readonly directory: string;
  readonly target: Descriptor;
}

const HOST = 'oci-layout.invalid';

/** A text in which the names of contexts stand for such references. */
export function withoutLayoutHost(text: string): string {
  return text.replace(/oci-layout\.invalid\/([a-z0-9-]+)@sha256:[0-9a-f]{64}/g, '$1');
}

/** Looks up what each layout context names; nothing is copied yet. Throws `not-found`, `invalid-archive`. */
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

/** The reference by which the plan knows a layout context. */
export function layoutReference(contexts: LayoutContexts, name: string): string | undefined {
  return [...contexts].find(([, context]) => context.name === name)?.[0];
}

/** Copies the image of a layout context into the store and says what it is. Throws `invalid-archive` if something of it is missing. */
export async function layoutImage(
  services: ImageServices,
  reference: string,
  { directory, target }: LayoutContext,
  platform: Platform,
  call: Call,
): Promise<ResolvedImage> {
  const { importFromLayout } = await import('../../../importer/index.ts');
  await importFromLayout(directory, target, services.store, call);
  const image = await imageAt(services, parseReference(reference), target, platform, call).catch((error: unknown) => {
    throw error instanceof MkimageError ? error.with({ message: withoutLayoutHost(error.message) }) : error;
  });
  for (const { blob } of image.layers) {
    if (await services.store.has(blob)) continue;
    throw new MkimageError('invalid-archive', `read image layout \`${directory}\`: layer ${blob.digest} is missing`);
  }
  return image;
}

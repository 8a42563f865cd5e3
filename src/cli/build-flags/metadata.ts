import { randomBytes } from 'node:crypto';
import type { BuildResult } from '../../api/index.ts';
import type { Descriptor } from '../../oci/index.ts';
import { toWarning } from '../render/warning-status.ts';
import type { Terminal } from '../terminal.ts';

/** Creates the content of `--metadata-file`: those members of buildx's metadata that exist in mkimage. */
export function createMetadata(result: BuildResult, env: Terminal['env']): Readonly<Record<string, unknown>> {
  const descriptor = findDescriptor(result);
  // An index has neither a config nor a platform.
  const only = result.id === result.target.digest ? undefined : result.images[0];
  const withWarnings = result.warnings.length > 0 && isOn(env.BUILDX_METADATA_WARNINGS);
  return {
    'buildx.build.ref': createBuildReference(),
    ...(withWarnings && { 'buildx.build.warnings': result.warnings.map((each) => toWarning(each, result.file)) }),
    ...(only && { 'containerimage.config.digest': only.config }),
    'containerimage.descriptor': { ...descriptor, ...(only && { platform: only.platform }) },
    'containerimage.digest': descriptor.digest,
    ...(result.names.length === 0 ? {} : { 'image.name': result.names.join(',') }),
  };
}

/** The manifest or index: as the first output wrote it, otherwise as it is in the store. */
export function findDescriptor({ outputs, target }: BuildResult): Descriptor {
  return outputs.find(({ descriptor }) => descriptor !== undefined)?.descriptor ?? target;
}

/** Creates a new random BUILDER/NODE/ID. As with BuildKit, ID has 25 digits in base 36. */
export function createBuildReference(): string {
  const number = BigInt(`0x${randomBytes(17).toString('hex')}`);
  return `mkimage/mkimage/${number.toString(36).padStart(25, '0').slice(-25)}`;
}

function isOn(text: string | undefined): boolean {
  return /^(?:1|t|T|TRUE|true|True)$/.test(text ?? '');
}

import { randomBytes } from 'node:crypto';
import type { BuildResult } from '../../api/index.ts';
import { warningOf } from '../render/warning-status.ts';
import type { Terminal } from '../terminal.ts';

/** What `--metadata-file` holds: the members that buildx writes, as far as they exist here. */
export function metadataOf(result: BuildResult, env: Terminal['env']): Readonly<Record<string, unknown>> {
  const descriptor = result.outputs.find((output) => output.descriptor !== undefined)?.descriptor ?? result.manifest;
  const withWarnings = result.warnings.length > 0 && isOn(env.BUILDX_METADATA_WARNINGS);
  return {
    'buildx.build.ref': buildReference(),
    ...(withWarnings && { 'buildx.build.warnings': result.warnings.map((each) => warningOf(each, result.file)) }),
    'containerimage.config.digest': result.config,
    'containerimage.descriptor': { ...descriptor, platform: result.platform },
    'containerimage.digest': descriptor.digest,
    ...(result.names.length === 0 ? {} : { 'image.name': result.names.join(',') }),
  };
}

/** BUILDER/NODE/ID: another for each build, and 25 digits of 36 as BuildKit has them. */
export function buildReference(): string {
  const number = BigInt(`0x${randomBytes(17).toString('hex')}`);
  return `mkimage/mkimage/${number.toString(36).padStart(25, '0').slice(-25)}`;
}

function isOn(text: string | undefined): boolean {
  return /^(?:1|t|T|TRUE|true|True)$/.test(text ?? '');
}

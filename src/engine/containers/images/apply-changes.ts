import { MkimageError } from '../../../errors.ts';
import { parseBuildFile, parseTrigger } from '../../../instructions/index.ts';
import type { ContainerConfig, ImageConfig, Platform, ResolvedImage } from '../../../oci/index.ts';
import { createPlan, runPlanning } from '../../../plan/index.ts';

const KINDS = [
  'cmd',
  'entrypoint',
  'env',
  'expose',
  'healthcheck',
  'label',
  'onbuild',
  'stopsignal',
  'user',
  'volume',
  'workdir',
];

/** Applies instructions of a build file to the settings of an image, as `--change` has them. Throws `usage`. */
export function applyChanges(config: ContainerConfig, changes: readonly string[], platform: Platform): ContainerConfig {
  if (changes.length === 0) return config;
  const file = parseBuildFile(`FROM base\n${changes.join('\n')}\n`);
  const wrong = file.diagnostics.find(({ severity }) => severity === 'error');
  if (wrong !== undefined) throw new MkimageError('usage', `invalid change: ${wrong.message}`);
  const foreign = file.instructions.slice(1).find(({ kind }) => !KINDS.includes(kind));
  if (foreign !== undefined)
    throw new MkimageError('usage', `invalid change: ${foreign.kind.toUpperCase()} is not a valid change command`);
  const { OnBuild: triggers = [], ...base } = config;
  const outcome = runPlanning(
    createPlan(file, {
      target: undefined,
      buildArgs: {},
      platform,
      implicitPlatform: true,
      buildPlatform: platform,
      contexts: {},
      labels: {},
    }),
    () => ({ kind: 'image', image: imageOf(base, platform) }),
    parseTrigger,
  );
  if (outcome.kind === 'errors')
    throw new MkimageError('usage', `invalid change: ${outcome.diagnostics[0]?.message ?? changes.join(' ')}`);
  const changed: ContainerConfig = outcome.plan.stages.at(-1)?.config ?? base;
  const all = [...triggers, ...(changed.OnBuild ?? [])];
  return { ...changed, ...(all.length > 0 && { OnBuild: all }) };
}

/** An image that has these settings, and nothing else. */
function imageOf(config: ContainerConfig, { os, architecture, variant }: Platform): ResolvedImage {
  const whole: ImageConfig = {
    architecture,
    os,
    ...(variant !== undefined && { variant }),
    config,
    rootfs: { type: 'layers', diff_ids: [] },
    history: [],
  };
  const manifest = { mediaType: '', digest: `sha256:${'0'.repeat(64)}`, size: 0 } as const;
  return { reference: 'base.invalid/base:latest', manifest, config: whole, layers: [] };
}

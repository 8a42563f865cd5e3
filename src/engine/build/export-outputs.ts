/** The `-o` outputs of a build, one after the other. */

import { resolve } from 'node:path';
import type { Annotation, BuildRequest, BuildResult, OutputSpec } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { checkDestination, type ExportImage, exportImage, type PlatformImage } from '../../exporter/index.ts';
import type { Descriptor } from '../../oci/index.ts';
import type { Call, StepId } from '../../progress.ts';
import { type EngineCall, outputOf } from '../call.ts';
import type { SavedImage, SavedPlatform } from '../images/index.ts';
import type { Services } from '../services.ts';
import { listNames, type OutputPush, type PushTarget, pushOutput } from './push-outputs.ts';

/** Checks the outputs before the build, so that a wrong output does not fail a finished build. Throws `usage`. */
export function checkOutputs(outputs: readonly OutputSpec[], cwd: string): void {
  if (outputs.filter((output) => 'dest' in output && output.dest === '-').length > 1) {
    throw new MkimageError('usage', 'write outputs: more than one goes to standard output', {
      hint: 'name a file for all but one, for example `-o type=oci,dest=app.tar`',
    });
  }
  for (const output of outputs) checkDestination(resolveDestination(output, cwd));
  findOutputEpoch(outputs);
}

/** Returns the time of `source-date-epoch` in the outputs; all must be equal. Throws `usage`. */
export function findOutputEpoch(outputs: readonly OutputSpec[]): number | undefined {
  const [epoch, second] = new Set(outputs.flatMap((output) => output.epoch ?? []));
  if (second === undefined) return epoch;
  throw new MkimageError('usage', `write outputs: they set different times, ${epoch} and ${second}`, {
    hint: 'build once for each time',
  });
}

/** Returns the names of the image: those of the request and of its outputs. */
export function listResultNames({ outputs, tags }: Pick<BuildRequest, 'outputs' | 'tags'>): readonly string[] {
  const [first, ...others] = outputs.map((output) => listNames(output, tags));
  return [...new Set([...(first ?? tags), ...others.flat()])];
}

interface BuiltImage {
  readonly request: Pick<BuildRequest, 'annotations' | 'tags'>;
  readonly image: SavedImage;
}

/** The image as the exporter takes it. */
export function createExportImage(
  { store, config }: Pick<Services, 'store' | 'config'>,
  { request: { annotations, tags: names }, image }: BuiltImage,
): ExportImage {
  const toPlatformImage = ({ config, built, platform }: SavedPlatform): PlatformImage => ({
    config: store.readSmall(config),
    layers: built.chain.layers,
    platform,
  });
  const [first, ...others] = image.images;
  const images = [toPlatformImage(first), ...others.map(toPlatformImage)] as const;
  return { images, isIndex: image.isIndex, names, annotations, hostPlatform: config.platform };
}

interface ExportedBuild extends BuiltImage {
  readonly request: Pick<BuildRequest, 'annotations' | 'outputs' | 'tags'>;
  readonly pushes: readonly OutputPush[];
}

/** Writes the image to all outputs. Layers are compressed only once. */
export async function exportOutputs(
  services: Services,
  { request, image, pushes }: ExportedBuild,
  call: EngineCall,
): Promise<BuildResult['outputs']> {
  const { annotations, outputs } = request;
  const exported = createExportImage(services, { request, image });
  if (!image.isIndex) noteIndexAnnotations(annotations, call);
  const results: BuildResult['outputs'][number][] = [];
  for (const [index, output] of outputs.entries()) {
    const descriptor = await exportOne(services, { image: exported, output, step: `export/${index}` }, call);
    const push = pushes.find((each) => each.output === output);
    if (push !== undefined && descriptor !== undefined)
      await pushOne(services, { descriptor, push, step: `push/${index}` }, call);
    results.push({ type: output.type, dest: 'dest' in output ? output.dest : undefined, descriptor });
  }
  return results;
}

/** Warns because annotations only for an index have no effect. */
function noteIndexAnnotations(annotations: readonly Annotation[], call: Call): void {
  const written = new Set(annotations.filter(({ place }) => !place.startsWith('index')).map(({ key }) => key));
  const lost = annotations.map(({ key }) => key).filter((key) => !written.has(key));
  if (lost.length === 0) return;
  const names = [...new Set(lost)].map((key) => `\`${key}\``).join(', ');
  call.report({ type: 'warning', message: `annotation ${names} is ignored: an image for one platform has no index` });
}

async function exportOne(
  { store, catalog }: Services,
  { image, output, step }: { readonly image: ExportImage; readonly output: OutputSpec; readonly step: StepId },
  call: EngineCall,
): Promise<Descriptor | undefined> {
  const where = 'dest' in output ? ` to ${output.dest}` : '';
  call.report({ type: 'step-started', step, name: `exporting ${output.type}${where}` });
  try {
    const target = { store, catalog, stdout: () => outputOf(call), step };
    const result = await exportImage(image, resolveDestination(output, call.cwd), { services: target, call });
    call.report({ type: 'step-finished', step, ...(result.descriptor ? { digest: result.descriptor.digest } : {}) });
    return result.descriptor;
  } catch (error) {
    call.report({ type: 'step-failed', step, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

interface PushedOutput {
  readonly descriptor: Descriptor;
  readonly push: OutputPush;
  readonly step: StepId;
}

async function pushOne(services: Services, { descriptor, push, step }: PushedOutput, call: Call): Promise<void> {
  call.report({ type: 'step-started', step, name: `pushing ${push.targets.map(nameTarget).join(', ')}` });
  try {
    await pushOutput(services, { descriptor, push, step }, call);
    call.report({ type: 'step-finished', step, digest: descriptor.digest });
  } catch (error) {
    call.report({ type: 'step-failed', step, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

function nameTarget({ registry, repository, tags }: PushTarget): string {
  return `${registry}/${repository}${tags.length === 1 ? `:${tags[0]}` : ''}`;
}

/** Resolves the destination, because the exporter does not know the working directory. */
function resolveDestination(output: OutputSpec, cwd: string): OutputSpec {
  return 'dest' in output && output.dest !== '-' ? { ...output, dest: resolve(cwd, output.dest) } : output;
}

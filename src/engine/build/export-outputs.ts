/** The `-o` outputs of a build, one after the other. */

import { resolve } from 'node:path';
import type { Annotation, BuildRequest, BuildResult, OutputSpec } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import type { StageResult } from '../../executor/index.ts';
import { checkDestination, type ExportImage, exportImage } from '../../exporter/index.ts';
import type { Descriptor, Platform } from '../../oci/index.ts';
import type { Call, StepId } from '../../progress.ts';
import { type EngineCall, outputOf } from '../call.ts';
import type { Services } from '../services.ts';

export interface BuiltImage {
  readonly config: Descriptor;
  readonly built: StageResult;
  readonly names: readonly string[];
  readonly platform: Platform;
}

/** Refuses what could not be written when all is built: a slip in an output must not cost a build. Throws `usage`. */
export function checkOutputs(outputs: readonly OutputSpec[], cwd: string): void {
  if (outputs.filter((output) => 'dest' in output && output.dest === '-').length > 1) {
    throw new MkimageError('usage', 'write outputs: more than one goes to standard output', {
      hint: 'name a file for all but one, for example `-o type=oci,dest=app.tar`',
    });
  }
  for (const output of outputs) checkDestination(placed(output, cwd));
  outputEpoch(outputs);
}

/** Returns the time of `source-date-epoch` in the outputs; all must be equal. Throws `usage`. */
export function outputEpoch(outputs: readonly OutputSpec[]): number | undefined {
  const [epoch, second] = new Set(outputs.flatMap((output) => output.epoch ?? []));
  if (second === undefined) return epoch;
  throw new MkimageError('usage', `write outputs: they set different times, ${epoch} and ${second}`, {
    hint: 'build once for each time',
  });
}

/** Returns names that outputs give the image, in addition to those of the request. */
export function outputNames(outputs: readonly OutputSpec[]): readonly string[] {
  return outputs.flatMap((output) => ('image' in output ? output.image.names : []));
}

/** Writes the image to all outputs. Layers are compressed only once. */
export async function exportOutputs(
  services: Services,
  { annotations, outputs }: Pick<BuildRequest, 'annotations' | 'outputs'>,
  image: BuiltImage,
  call: EngineCall,
): Promise<BuildResult['outputs']> {
  const exported: ExportImage = {
    config: services.store.readSmall(image.config),
    layers: image.built.chain.layers,
    names: image.names,
    platform: image.platform,
    annotations,
  };
  noteIndexAnnotations(annotations, call);
  const results: BuildResult['outputs'][number][] = [];
  for (const [index, output] of outputs.entries()) {
    const descriptor = await exportOne(services, exported, output, `export/${index}`, call);
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
  image: ExportImage,
  output: OutputSpec,
  step: StepId,
  call: EngineCall,
): Promise<Descriptor | undefined> {
  const where = 'dest' in output ? ` to ${output.dest}` : '';
  call.report({ type: 'step-started', step, name: `exporting ${output.type}${where}` });
  try {
    const target = { store, catalog, stdout: () => outputOf(call), step };
    const result = await exportImage(image, placed(output, call.cwd), { services: target, call });
    call.report({ type: 'step-finished', step, ...(result.descriptor ? { digest: result.descriptor.digest } : {}) });
    return result.descriptor;
  } catch (error) {
    call.report({ type: 'step-failed', step, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

/** Resolves the destination, because the exporter does not know the working directory. */
function placed(output: OutputSpec, cwd: string): OutputSpec {
  return 'dest' in output && output.dest !== '-' ? { ...output, dest: resolve(cwd, output.dest) } : output;
}

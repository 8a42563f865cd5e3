/** The `-o` outputs of a build, one after the other. */
import type { StageResult } from '../executor/index.ts';
import {
  checkDestination,
  type ExportImage,
  exportImage,
  type OutputSpec,
  parseAnnotation,
  parseOutput,
} from '../exporter/index.ts';
import type { Descriptor, Platform } from '../oci/index.ts';
import type { Call, StepId } from '../progress.ts';
import type { BuildRequest, BuildResult } from './build-request.ts';
import type { Services } from './services.ts';

export interface BuiltImage {
  readonly config: Descriptor;
  readonly built: StageResult;
  readonly names: readonly string[];
  readonly platform: Platform;
}

/** What was asked for, read before anything is built: a slip in `-o` must not cost a build. Throws `usage`. */
export function readOutputs(request: BuildRequest): readonly OutputSpec[] {
  for (const annotation of request.annotations) parseAnnotation(annotation);
  const outputs = request.outputs.map(parseOutput);
  for (const output of outputs) checkDestination(output);
  return outputs;
}

/** Writes the image out everywhere. Layers that were compressed once are not compressed again. */
export async function exportOutputs(
  services: Services,
  request: BuildRequest,
  outputs: readonly OutputSpec[],
  image: BuiltImage,
  call: Call,
): Promise<BuildResult['outputs']> {
  const exported: ExportImage = {
    config: services.store.readSmall(image.config),
    layers: image.built.chain.layers,
    names: image.names,
    platform: image.platform,
    annotations: request.annotations.flatMap(parseAnnotation),
  };
  const results: BuildResult['outputs'][number][] = [];
  for (const [index, output] of outputs.entries()) {
    const descriptor = await exportOne(services, exported, output, `export/${index}`, call);
    results.push({ type: output.type, dest: 'dest' in output ? output.dest : undefined, descriptor });
  }
  return results;
}

async function exportOne(
  { store, catalog }: Services,
  image: ExportImage,
  output: OutputSpec,
  step: StepId,
  call: Call,
): Promise<Descriptor | undefined> {
  const where = 'dest' in output ? ` to ${output.dest}` : '';
  call.report({ type: 'step-started', step, name: `exporting ${output.type}${where}` });
  try {
    const result = await exportImage(image, output, { store, catalog, stdout: () => process.stdout, step }, call);
    call.report({ type: 'step-finished', step, ...(result.descriptor ? { digest: result.descriptor.digest } : {}) });
    return result.descriptor;
  } catch (error) {
    call.report({ type: 'step-failed', step, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

/** The exporters of a build as outputs of the engine. What goes to the client is written to a folder of ours first. */
import { join } from 'node:path';
import type { BuildResult, OutputSpec } from '../../../api/index.ts';
import { parseOutput } from '../../../docker-syntax/index.ts';
import { MkimageError } from '../../../errors.ts';
import type { ExporterRequest, SolveRequest } from '../control/build-messages.ts';
import { toCsv } from './csv.ts';

/** One exporter. `sent`: what is sent to the client when it is complete. */
export interface PlannedOutput {
  readonly spec: OutputSpec;
  readonly names: string;
  /** Its place in the request. */
  readonly exporter: number;
  readonly sent: { readonly kind: 'file' | 'folder'; readonly path: string } | undefined;
}

type Exporting = Pick<SolveRequest, 'exporters' | 'oldExporter' | 'oldExporterAttributes' | 'usesSessionExporter'>;

/** `folder`: where files for the client are written. Throws `usage`, `unsupported`. */
export function planOutputs(request: Exporting, folder: string): readonly PlannedOutput[] {
  return listExporters(request).map((each, exporter) => planOne(each, exporter, folder));
}

/** Old clients name one exporter, new ones a list, and some both. */
function listExporters({ exporters, oldExporter, oldExporterAttributes }: Exporting): readonly ExporterRequest[] {
  if (exporters.length > 0 || oldExporter === '') return exporters;
  return [{ type: oldExporter, attributes: oldExporterAttributes }];
}

function planOne({ type, attributes }: ExporterRequest, exporter: number, folder: string): PlannedOutput {
  const options = [...attributes].filter(([key]) => key !== 'dest' && key !== 'tar' && key !== 'type');
  const path = join(folder, `output-${exporter}`);
  const parse = (as: string, more: readonly (readonly [string, string])[]) =>
    parseOutput(toCsv([['type', as], ...more, ...options]));
  const common = { exporter, names: attributes.get('name') ?? '' };
  switch (type) {
    case 'moby':
    case 'image':
      return { ...common, spec: parse('image', []), sent: undefined };
    case 'docker':
    case 'oci':
      refuseLayout(type, attributes);
      return { ...common, spec: parse(type, [['dest', path]]), sent: { kind: 'file', path } };
    case 'tar':
      return { ...common, spec: parse(type, [['dest', path]]), sent: { kind: 'file', path } };
    case 'local':
      return { ...common, spec: parse(type, [['dest', path]]), sent: { kind: 'folder', path } };
    default:
      throw new MkimageError('unsupported', `export image: exporter \`${type}\` could not be found`);
  }
}

function refuseLayout(type: string, attributes: ReadonlyMap<string, string>): void {
  if (attributes.get('tar') !== 'false') return;
  throw new MkimageError('unsupported', `export image: \`type=${type},tar=false\` is not supported`, {
    hint: 'write an archive',
  });
}

/** What the client is told of the image: `docker build --iidfile` and `--metadata-file` write it to files. */
export function describeExports(outputs: readonly PlannedOutput[], result: BuildResult): Map<string, string> {
  if (outputs.length === 0) return new Map();
  const written = result.outputs.find(({ descriptor }) => descriptor !== undefined)?.descriptor ?? result.target;
  const { mediaType, digest, size } = written;
  const isLocalImage = outputs.every(({ spec }) => spec.type === 'image' && spec.push === undefined);
  const names = [...new Set(outputs.map(({ names }) => names).filter((each) => each !== ''))].join(',');
  const only = result.images.length === 1 ? result.images[0] : undefined;
  return new Map([
    // The ID of an image in the store is what `docker image inspect` shows as its ID.
    ['containerimage.digest', isLocalImage ? result.id : digest],
    ...(only === undefined ? [] : [['containerimage.config.digest', only.config] as const]),
    ['containerimage.descriptor', Buffer.from(JSON.stringify({ mediaType, digest, size })).toString('base64')],
    ...(names === '' ? [] : [['image.name', names] as const]),
  ]);
}

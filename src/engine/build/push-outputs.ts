/** The outputs of a build that push: where each of them goes, and sending the finished image there. */
import type { BuildRequest, ImageOptions, OutputSpec } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { toPushedForm } from '../../exporter/index.ts';
import { type Descriptor, formatFamiliarName, parseReference } from '../../oci/index.ts';
import type { Call, StepId } from '../../progress.ts';
import { sendImage } from '../images/index.ts';
import type { Services } from '../services.ts';

/** One repository that an output pushes to. */
export interface PushTarget {
  readonly registry: string;
  readonly repository: string;
  /** Empty: only by digest. */
  readonly tags: readonly string[];
}

/** The pushes of one output. */
export interface OutputPush {
  readonly output: OutputSpec;
  readonly targets: readonly PushTarget[];
  /** The form of the layers. */
  readonly image: ImageOptions;
  /** Blobs that were sent while the steps ran: `registry/repository@digest`. */
  readonly sent: Set<string>;
}

type Pushing = OutputSpec & { readonly type: 'image' };

export function isPushed(output: OutputSpec): output is Pushing & { readonly push: NonNullable<Pushing['push']> } {
  return output.type === 'image' && output.push !== undefined;
}

/** The pushes of all outputs. Throws `usage` if one has no name. */
export function listPushes({ outputs, tags }: Pick<BuildRequest, 'outputs' | 'tags'>): readonly OutputPush[] {
  return outputs.filter(isPushed).map((output) => ({
    output,
    targets: listTargets(output, tags),
    image: toPushedForm(output.image),
    sent: new Set(),
  }));
}

/** Each repository once, with all its tags. */
function listTargets({ image, push }: Pushing, tags: readonly string[]): readonly PushTarget[] {
  const names = [...new Set([...tags, ...image.names])].map(parseReference);
  if (names.length === 0) {
    throw new MkimageError('usage', 'push image: tag is needed when pushing to registry', {
      hint: 'name the image with `-t REGISTRY/REPOSITORY:TAG`',
    });
  }
  const places = new Map(
    names.map(({ registry, repository }) => [`${registry}/${repository}`, { registry, repository }]),
  );
  return [...places.values()].map((place) => {
    const own = names.filter(
      ({ registry, repository }) => registry === place.registry && repository === place.repository,
    );
    return { ...place, tags: push?.byDigest === true ? [] : own.flatMap(({ tag }) => tag ?? []) };
  });
}

/** Names of an output in the result of a build: an image that is pushed by its digest has none with a tag. */
export function listNames(output: OutputSpec, tags: readonly string[]): readonly string[] {
  if (!('image' in output)) return tags;
  const names = [...tags, ...output.image.names];
  if (!isPushed(output) || !output.push.byDigest) return names;
  return listTargets(output, tags).map(({ registry, repository }) => `${registry}/${repository}`);
}

/** The services for one push: an insecure one may be insecure only for the registries that it goes to. */
export function servicesFor(services: Services, { output, targets }: Pick<OutputPush, 'output' | 'targets'>): Services {
  if (!isPushed(output) || !output.push.insecure) return services;
  return { ...services, registry: services.insecureRegistry(targets.map(({ registry }) => registry)) };
}

interface FinishedPush {
  readonly descriptor: Descriptor;
  readonly push: OutputPush;
  readonly step: StepId;
}

/** Sends a finished image to all repositories of an output, one after the other: the next one can mount from the one before. */
export async function pushOutput(all: Services, { descriptor, push, step }: FinishedPush, call: Call): Promise<void> {
  const services = servicesFor(all, push);
  const { targets, sent } = push;
  const { mediaType, digest, size } = descriptor;
  for (const destination of targets) {
    await sendImage(services, { target: { mediaType, digest, size }, destination, step, sent }, call);
    const { registry, repository, tags } = destination;
    for (const tag of tags.length === 0 ? [undefined] : tags) {
      const name = formatFamiliarName({ registry, repository, ...(tag !== undefined && { tag }), digest });
      call.report({ type: 'note', message: `pushed ${name}` });
    }
  }
}

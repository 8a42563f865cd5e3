/** Brings the layers of base images here: all of them, or only those that something reads. */
import type { BuildRequest } from '../../../api/index.ts';
import type { Chain } from '../../../executor/index.ts';
import {
  compressionOf,
  formatFamiliarName,
  isForeignLayer,
  type Layer,
  parseReference,
  type ResolvedImage,
} from '../../../oci/index.ts';
import type { Call, StepId } from '../../../progress.ts';
import { ensureLayers, fetchLayers } from '../../images/index.ts';
import type { Services } from '../../services.ts';
import { isPushed } from '../push-outputs.ts';

type BaseServices = Pick<Services, 'store' | 'registry' | 'tapLayer' | 'origins' | 'remoteLayers'>;

/**
 * The layers of one build's bases. If the image is only pushed, they stay in their registry until something reads them: a push
 * finds them there, mounts them, or passes them on. COPY reads the listing of a layer, RUN the layer itself, COPY --link nothing.
 */
export class BaseLayers {
  readonly #services: BaseServices;
  readonly #areLeft: boolean;
  /** DiffIds of layers that were left in a registry. */
  readonly #left = new Set<string>();

  constructor(services: BaseServices, request: Pick<BuildRequest, 'outputs' | 'part'>) {
    this.#services = services;
    this.#areLeft = isOnlyPushed(request);
  }

  /** For planning: progress is reported under the step. Throws as `fetchLayers`. */
  async take(image: ResolvedImage, step: StepId, call: Call): Promise<void> {
    await fetchLayers(this.#services, { image: await this.#leave(image), step }, call);
  }

  /** For steps: also layers that were lost by damage. */
  async ensure(image: ResolvedImage, call: Call): Promise<void> {
    await ensureLayers(this.#services, await this.#leave(image), call);
  }

  isLeft({ diffId }: Layer): boolean {
    return this.#left.has(diffId);
  }

  /** Returns the chain without the layers that are fetched when they are read. */
  skipLeft({ layers }: Pick<Chain, 'layers'>): readonly Layer[] {
    return layers.filter((layer) => !this.isLeft(layer));
  }

  /** Leaves what can be left, and returns the image with the other layers. */
  async #leave(image: ResolvedImage): Promise<ResolvedImage> {
    if (!this.#areLeft) return image;
    const { store, origins } = this.#services;
    const { registry, repository } = parseReference(image.reference);
    const held = await Promise.all(image.layers.map(({ blob }) => store.has(blob)));
    const left = image.layers.filter((layer, at) => !held[at] && isPushedAsItIs(layer));
    origins.remember(
      left.map(({ blob }) => blob.digest),
      { registry, repository },
    );
    for (const layer of left) this.#leaveLayer(image, layer);
    return { ...image, layers: image.layers.filter((layer) => !left.includes(layer)) };
  }

  #leaveLayer(image: ResolvedImage, layer: Layer): void {
    this.#left.add(layer.diffId);
    this.#services.remoteLayers.add(layer, (wanted, call) => this.#fetch(image, wanted, call));
  }

  async #fetch(image: ResolvedImage, layer: Layer, call: Call): Promise<void> {
    const step = `pull-layer/${layer.diffId}`;
    const name = formatFamiliarName(parseReference(image.reference));
    call.report({ type: 'step-started', step, name: `[internal] pull a layer of ${name}` });
    try {
      await fetchLayers(this.#services, { image: { ...image, layers: [layer] }, step }, call);
      call.report({ type: 'step-finished', step, digest: layer.blob.digest });
    } catch (error) {
      call.report({ type: 'step-failed', step, error: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }
}

/** Layers that are pushed in another form than that of the registry must be here. */
function isOnlyPushed({ outputs, part }: Pick<BuildRequest, 'outputs' | 'part'>): boolean {
  return !part && outputs.length > 0 && outputs.every((output) => isPushed(output) && !output.image.force);
}

function isPushedAsItIs({ blob: { mediaType } }: Layer): boolean {
  const compression = compressionOf(mediaType);
  return compression !== undefined && compression !== 'uncompressed' && !isForeignLayer(mediaType);
}

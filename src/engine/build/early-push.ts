/** What a build that pushes does while its steps run: checks that it may push, and uploads layers as they are sealed. */
import { isMkimageError, type MkimageError } from '../../errors.ts';
import { blobsOf } from '../../exporter/index.ts';
import type { Layer } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import { sendBlob } from '../images/index.ts';
import type { Services } from '../services.ts';
import { type OutputPush, type PushTarget, servicesFor } from './push-outputs.ts';

/** The steps of a build: they tell each layer of the image. */
type Steps<C, T> = (call: C, layerReady: ((layer: Layer) => void) | undefined) => Promise<T>;

const STEP = 'push/layers';

/**
 * Runs the steps of a build. Uploads that fail are left to the push of the finished image, which reports the error. If a registry
 * refuses the push, the steps are cancelled and the refusal is thrown.
 */
export async function pushWhileBuilding<C extends Call, T>(
  services: Services,
  pushes: readonly OutputPush[],
  { work, call }: { readonly work: Steps<C, T>; readonly call: C },
): Promise<T> {
  if (pushes.length === 0) return work(call, undefined);
  const early = new EarlyPush(services, pushes, call);
  try {
    const result = await work({ ...call, signal: early.signal }, (layer) => early.add(layer));
    await early.finish();
    return result;
  } catch (error) {
    await early.stop();
    throw early.refusal ?? error;
  }
}

/** Owns the uploads that run beside the steps. */
class EarlyPush {
  /** Aborted if the push is refused, or the build is. */
  readonly signal: AbortSignal;
  /** Why a registry does not take the push. */
  refusal: MkimageError | undefined;
  readonly #services: Services;
  readonly #pushes: readonly OutputPush[];
  readonly #call: Call;
  readonly #stop = new AbortController();
  readonly #allowed: Promise<boolean>;
  readonly #uploads: Promise<unknown>[] = [];
  readonly #seen = new Set<string>();
  /** Layers are compressed one after the other: the steps need the processors too. */
  #queue: Promise<void> = Promise.resolve();
  #isStarted = false;

  constructor(services: Services, pushes: readonly OutputPush[], call: Call) {
    this.signal = AbortSignal.any([call.signal, this.#stop.signal]);
    this.#services = services;
    this.#pushes = pushes;
    this.#call = { ...call, signal: this.signal };
    this.#allowed = this.#check();
  }

  add(layer: Layer): void {
    if (this.#seen.has(layer.diffId)) return;
    this.#seen.add(layer.diffId);
    this.#queue = this.#queue.then(() => this.#push(layer)).catch(() => {});
  }

  /** Waits until all layers are sent or have failed. */
  async finish(): Promise<void> {
    await this.#allowed;
    if (this.refusal !== undefined) throw this.refusal;
    await this.#queue;
    await Promise.allSettled(this.#uploads);
    if (this.#isStarted) this.#call.report({ type: 'step-finished', step: STEP });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled([this.#allowed, this.#queue]);
    await Promise.allSettled(this.#uploads);
    if (this.#isStarted) this.#call.report({ type: 'step-failed', step: STEP, error: 'CANCELED' });
  }

  /** Asks all registries at the same time. Only a refusal counts: one that cannot be reached now may be there later. */
  async #check(): Promise<boolean> {
    const asked = await Promise.allSettled(
      this.#pushes.flatMap((push) => {
        const { registry } = servicesFor(this.#services, push);
        return push.targets.map((target) => registry.checkPush(target, this.#call));
      }),
    );
    const failed = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    this.refusal = failed.find(isRefusal);
    if (this.refusal !== undefined) this.#stop.abort();
    return failed.length === 0;
  }

  async #push(layer: Layer): Promise<void> {
    if (!(await this.#allowed)) return;
    this.#start();
    const { store } = this.#services;
    for (const push of this.#pushes) {
      const [blob] = await blobsOf([layer], push.image, { store, call: this.#call });
      for (const target of push.targets) this.#uploads.push(this.#upload(blob!, target, push).catch(() => {}));
    }
  }

  async #upload(blob: Layer['blob'], destination: PushTarget, push: OutputPush): Promise<void> {
    const services = servicesFor(this.#services, push);
    const repository = services.registry.repository(destination);
    await sendBlob(services, { blob, repository, destination, step: STEP, sent: push.sent }, this.#call);
  }

  #start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#call.report({ type: 'step-started', step: STEP, name: 'pushing layers' });
  }
}

function isRefusal(error: unknown): error is MkimageError {
  if (!isMkimageError(error, 'registry') && !isMkimageError(error, 'not-found')) return false;
  return error.evidence?.temporary === false;
}

import { MkimageError } from '../../../errors.ts';
import type { SolveRequest } from './build-messages.ts';
import { ClientBuild } from './client-build.ts';

/** How long calls wait for the build that they name. */
const PATIENCE = 30_000;
/** How long an ended build is known. */
const MEMORY = 5000;
/** How many builds may be waited for: a client cannot fill the memory with names of builds that never come. */
const MOST = 10_000;

/** Owns the builds of all clients. */
export class ClientBuilds {
  readonly #builds = new Map<string, ClientBuild>();

  /** Begins the build of a `Control.Solve`. Throws `in-use` if there is one with this reference. */
  async begin(request: SolveRequest): Promise<ClientBuild> {
    if (request.ref === '') throw new MkimageError('usage', 'solve: the request has no reference');
    const build = this.#get(request.ref);
    if (this.#announced.has(build)) throw new MkimageError('in-use', `solve: build \`${request.ref}\` exists already`);
    this.#announced.add(build);
    build.announce(request);
    return build;
  }

  /** The progress of a build can be read a little longer: a client may ask for it after a build that was quick. */
  end(ref: string): void {
    const build = this.#builds.get(ref);
    const forget = () => {
      if (this.#builds.get(ref) === build) this.#builds.delete(ref);
    };
    setTimeout(forget, MEMORY).unref();
  }

  /** Returns the build, which may begin a little later. Throws `not-found` if it does not. */
  async find(ref: string): Promise<ClientBuild> {
    const build = this.#get(ref);
    if (this.#announced.has(build)) return build;
    const timer = setTimeout(() => {
      if (this.#announced.has(build)) return;
      this.#builds.delete(ref);
      build.abandon(new MkimageError('not-found', `find build \`${ref}\`: no client has begun it`));
    }, PATIENCE);
    try {
      await build.request;
    } finally {
      clearTimeout(timer);
    }
    return build;
  }

  readonly #announced = new WeakSet<ClientBuild>();

  #get(ref: string): ClientBuild {
    const found = this.#builds.get(ref);
    if (found !== undefined) return found;
    if (this.#builds.size >= MOST) throw new MkimageError('limit', `find build \`${ref}\`: there are too many builds`);
    const build = new ClientBuild(ref);
    this.#builds.set(ref, build);
    return build;
  }
}

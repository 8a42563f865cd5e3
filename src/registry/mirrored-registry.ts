/** A registry with mirrors: manifests and blobs are read from the first mirror that has them, otherwise from the origin. */
import { isMkimageError } from '../errors.ts';
import type { Reference } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { Registry, Repository } from './index.ts';

/** Where the content of a reference is. */
export interface Route {
  /** The same content elsewhere, in order. */
  readonly mirrors: readonly Reference[];
  /** Where to push, and to pull if no mirror has the content. */
  readonly origin: Reference;
}

/** Finds the route of a reference. Throws `registry` if its registry is blocked. */
export type FindRoute = (reference: Reference) => Promise<Route>;

/** Everything but reading goes to the origin. A mirror that cannot be reached is not asked again. */
export function createMirroredRegistry(registry: Registry, findRoute: FindRoute): Registry {
  const unreachable = new Set<string>();
  const originOf = async (reference: Reference) => (await findRoute(reference)).origin;
  const readFromAny = async <T>(reference: Reference, read: (place: Reference) => Promise<T>, call: Call) => {
    const { mirrors, origin } = await findRoute(reference);
    for (const mirror of mirrors.filter((each) => !unreachable.has(each.registry))) {
      try {
        return await read(mirror);
      } catch (error) {
        if (call.signal.aborted) throw error;
        if (isMkimageError(error, 'network')) unreachable.add(mirror.registry);
        tellFailure(mirror, error, call);
      }
    }
    return read(origin);
  };
  return {
    manifest: (reference, call) => readFromAny(reference, (place) => registry.manifest(place, call), call),
    findManifest: async (reference, call) => registry.findManifest(await originOf(reference), call),
    putManifest: async (reference, manifest, call) => registry.putManifest(await originOf(reference), manifest, call),
    deleteManifest: async (reference, call) => registry.deleteManifest(await originOf(reference), call),
    listTags: async function* (reference, call) {
      yield* registry.listTags(await originOf(reference), call);
    },
    checkPush: async (reference, call) => registry.checkPush(await originOf(reference), call),
    checkLogin: (name, credentials, call) => registry.checkLogin(name, credentials, call),
    repository: (reference) => {
      const blobsOf = async (): Promise<Repository> => registry.repository(await originOf(reference));
      return {
        open: (blob, call) => readFromAny(reference, (place) => registry.repository(place).open(blob, call), call),
        has: async (blob, call) => (await blobsOf()).has(blob, call),
        put: async (blob, options, call) => (await blobsOf()).put(blob, options, call),
      };
    },
  };
}

/** A mirror without the content is usual. Other failures are reported, because they make every pull slower. */
function tellFailure({ registry }: Reference, error: unknown, { log, report }: Call): void {
  const why = error instanceof Error ? error.message : String(error);
  log?.debug('registry', 'mirror failed', { mirror: registry, why });
  if (!isMkimageError(error, 'not-found'))
    report({ type: 'warning', message: `the mirror \`${registry}\` cannot be used: ${why}` });
}

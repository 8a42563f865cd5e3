import type { Registry } from '../registry/index.ts';

/** A registry that is opened on first use. */
export function registryOnDemand(open: () => Promise<Registry>): Registry {
  return {
    manifest: async (reference, call) => (await open()).manifest(reference, call),
    findManifest: async (reference, call) => (await open()).findManifest(reference, call),
    putManifest: async (reference, manifest, call) => (await open()).putManifest(reference, manifest, call),
    deleteManifest: async (reference, call) => (await open()).deleteManifest(reference, call),
    listTags: async function* (reference, call) {
      yield* (await open()).listTags(reference, call);
    },
    checkPush: async (reference, call) => (await open()).checkPush(reference, call),
    checkLogin: async (registry, credentials, call) => (await open()).checkLogin(registry, credentials, call),
    repository: (reference) => ({
      open: async (blob, call) => (await open()).repository(reference).open(blob, call),
      has: async (blob, call) => (await open()).repository(reference).has(blob, call),
      put: async (blob, options, call) => (await open()).repository(reference).put(blob, options, call),
    }),
  };
}

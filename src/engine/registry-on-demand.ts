import type { Registry } from '../registry/index.ts';

/** A registry that is opened on first use. */
export function registryOnDemand(open: () => Promise<Registry>): Registry {
  return {
    manifest: async (reference, call) => (await open()).manifest(reference, call),
    repository: (reference) => ({
      open: async (descriptor, call) => (await open()).repository(reference).open(descriptor, call),
    }),
  };
}

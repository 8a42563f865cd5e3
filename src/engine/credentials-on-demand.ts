import type { CredentialStore } from '../registry/index.ts';

/** Saved credentials that are opened on first use. */
export function credentialsOnDemand(open: () => Promise<CredentialStore>): CredentialStore {
  return {
    find: async (registry, repository, call) => (await open()).find(registry, repository, call),
    save: async (scope, credentials, call) => (await open()).save(scope, credentials, call),
    remove: async (scope, call) => (await open()).remove(scope, call),
    removeAll: async (call) => (await open()).removeAll(call),
  };
}

import type { HttpRules } from '../http/index.ts';

/** A registry may send us as far in as it lies itself, and nobody is asked over plain HTTP but this machine. */
export const REGISTRY_RULES: HttpRules = {
  code: 'registry',
  describe: (url) => `reach \`${url.host}\``,
  reach: 'as-sender',
  plainHttp: 'this-machine',
};

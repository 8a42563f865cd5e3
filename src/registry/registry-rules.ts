import type { HttpRules } from '../http/index.ts';

/** A registry may redirect to hosts that are not more private than itself. Plain HTTP is for this machine only. */
export const REGISTRY_RULES: HttpRules = {
  code: 'registry',
  describe: (url) => `reach \`${url.host}\``,
  reach: 'as-sender',
  plainHttp: 'this-machine',
};

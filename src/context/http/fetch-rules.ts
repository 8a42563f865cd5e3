import type { HttpRules } from '../../http/index.ts';
import { describeUrl } from '../../oci/index.ts';

/** Rules for ADD, contexts and repositories: a server may redirect to the internet and to its own host. */
export const FETCH_RULES: HttpRules = {
  code: 'network',
  describe: (url) => `fetch \`${describeUrl(url.href)}\``,
  reach: 'internet',
  plainHttp: 'anywhere',
};

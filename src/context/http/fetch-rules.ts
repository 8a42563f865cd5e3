import type { HttpRules } from '../../http/index.ts';
import { withoutCredentials } from '../../oci/index.ts';

/** ADD, contexts and repositories: whom the user named may lead to the internet, and to its own host. */
export const FETCH_RULES: HttpRules = {
  code: 'network',
  describe: (url) => `fetch \`${withoutCredentials(url.href)}\``,
  reach: 'internet',
  plainHttp: 'anywhere',
};

import type { HttpClient } from '../http/index.ts';
import type { Config } from './config.ts';
import { proxiesOf } from './proxies.ts';

/** The only HTTP client of an engine. A build without network access does not load it. */
export interface HttpOnDemand extends AsyncDisposable {
  readonly client: () => Promise<HttpClient>;
}

export function httpOnDemand(config: Config): HttpOnDemand {
  let begun: Promise<HttpClient> | undefined;
  return {
    client: () => {
      begun ??= openClient(config);
      return begun;
    },
    [Symbol.asyncDispose]: async () => (await begun)?.[Symbol.asyncDispose](),
  };
}

async function openClient(config: Config): Promise<HttpClient> {
  const { HttpClient } = await import('../http/index.ts');
  return new HttpClient({
    proxies: proxiesOf(config),
    authorities: config.authorities?.added,
    trustedHosts: config.trustedHosts,
  });
}

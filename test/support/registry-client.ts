import { HttpClient, type HttpClientOptions } from '../../src/http/index.ts';
import { RegistryClient, type RegistryOptions } from '../../src/registry/client.ts';

export type TestClientOptions = HttpClientOptions & Omit<RegistryOptions, 'http'>;

/** A registry client with an HTTP client of its own, which goes with it. */
export function registryClient(options: TestClientOptions = {}): RegistryClient & AsyncDisposable {
  const http = new HttpClient(options);
  return Object.assign(new RegistryClient({ http, credentials: options.credentials }), {
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  });
}

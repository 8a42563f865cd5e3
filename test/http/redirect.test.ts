/** The rules of redirects, for any chain of them. */
import fc from 'fast-check';
import { suite } from 'uvu';
import { isMkimageError } from '../../src/errors.ts';
import { createNextHop, type Hop } from '../../src/http/redirect.ts';
import type { HttpRules, Method } from '../../src/http/request.ts';

const test = suite('redirects, whatever they are');

const location = fc.oneof(
  fc
    .record({
      scheme: fc.constantFrom('http', 'https'),
      host: fc.constantFrom('a.test', 'b.test', 'localhost', 'me:pw@a.test'),
      port: fc.constantFrom('', ':444'),
    })
    .map(({ scheme, host, port }) => `${scheme}://${host}${port}/x`),
  fc.constantFrom('/next', 'x?y', '//b.test/z', '#part', 'file:///etc/passwd', 'http://['),
  fc.string(),
);
const step = fc.record({ status: fc.constantFrom(301, 302, 303, 307, 308), location });
const method = fc.constantFrom<Method>('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE');

/** All requests of a chain, as far as it is followed. */
function chainOf(method: Method, steps: readonly { status: number; location: string }[], rules: HttpRules): Hop[] {
  const headers = { Authorization: 'secret', cookie: 'secret', 'x-own': '1', 'content-type': 'text/plain' };
  const hops: Hop[] = [{ url: new URL('https://a.test/start'), method, headers, body: undefined, leftOrigin: false }];
  try {
    for (const each of steps) hops.push(createNextHop(hops.at(-1)!, each, { rules, trusts: () => false }));
  } catch (error) {
    if (!isMkimageError(error, rules.code)) throw error;
  }
  return hops;
}

for (const plainHttp of ['anywhere', 'this-machine'] as const) {
  const rules: HttpRules = { code: 'registry', describe: String, reach: 'as-sender', plainHttp };
  const forAll = (holds: (hops: readonly Hop[]) => boolean) =>
    fc.assert(
      fc.property(method, fc.array(step, { maxLength: 6 }), (first, steps) => holds(chainOf(first, steps, rules))),
      { numRuns: 500 },
    );

  test(`a secret is sent only while the chain has not left its origin (${plainHttp})`, () => {
    forAll((hops) =>
      hops.every(({ headers }, at) => {
        const isHome = hops.slice(0, at + 1).every(({ url }) => url.origin === 'https://a.test');
        return isHome === Object.values(headers).includes('secret') && headers['x-own'] === '1';
      }),
    );
  });

  test(`https is never left, nor a URL with a user asked (${plainHttp})`, () => {
    forAll((hops) => hops.every(({ url }) => url.protocol === 'https:' && url.username === '' && url.hash === ''));
  });

  test(`a method becomes GET or stays, and HEAD stays (${plainHttp})`, () => {
    forAll((hops) =>
      hops.every((hop, at) => {
        const before = hops[at - 1]?.method ?? hop.method;
        const stays = hop.method === before;
        return (stays || (hop.method === 'GET' && before !== 'HEAD')) && (stays || !('content-type' in hop.headers));
      }),
    );
  });
}

test.run();

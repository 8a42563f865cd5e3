import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findProxy } from '../../src/http/index.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('which proxy a URL is reached through');
const proxies = { http: 'http://plain.test:3128', https: 'http://secure.test:3128' };
const hostFor = (url: string, none?: string) => findProxy(new URL(url), { ...proxies, none })?.host;

test('the one for its scheme; none if none is set', () => {
  assert.is(hostFor('http://a.test/'), 'plain.test:3128');
  assert.is(hostFor('https://a.test/'), 'secure.test:3128');
  assert.is(findProxy(new URL('https://a.test/'), { http: proxies.http }), undefined);
  assert.is(findProxy(new URL('https://a.test/'), undefined), undefined);
});

test('never this machine itself', () => {
  for (const host of ['localhost:5000', '127.0.0.1', '127.9.9.9:80', '[::1]:5000'])
    assert.is(hostFor(`http://${host}/`), undefined, host);
});

/** As curl 8 decides, but for the port, which is Go's. */
const WITHOUT: readonly (readonly [none: string, hosts: readonly string[], notHosts: readonly string[]])[] = [
  ['a.test', ['a.test', 'x.a.test', 'y.x.a.test', 'A.TEST', 'a.test.'], ['ba.test', 'a.test.org', 'test']],
  ['.a.test', ['a.test', 'x.a.test'], ['ba.test']],
  ['*.a.test', ['x.a.test'], ['ba.test']],
  ['A.test.', ['a.test'], []],
  ['b.test, a.test,c.test', ['a.test', 'b.test', 'c.test'], ['d.test']],
  ['b.test c.test', ['b.test', 'c.test'], ['a.test']],
  ['*', ['a.test', '10.0.0.1', '[fd00::1]'], []],
  ['10.0.0.1', ['10.0.0.1'], ['10.0.0.10', '110.0.0.1', '10.0.0.1.test']],
  ['10.0.0.0/8', ['10.1.2.3'], ['11.0.0.1', '10.a.test']],
  ['192.168.4.0/22', ['192.168.7.255'], ['192.168.8.0']],
  ['0.0.1', [], ['10.0.0.1']],
  ['fd00::1', ['[fd00::1]'], ['[fd00::2]']],
  ['[fd00::1]', ['[fd00::1]'], ['[fd00::2]']],
  ['fd00::/16', ['[fd00:1::1]'], ['[fd01::1]', '10.0.0.1']],
  ['10.0.0.0/33,10.0.0.0/x,10.0.0.0/', [], ['10.0.0.0']],
  ['a.test:80', ['a.test', 'a.test:80'], ['a.test:81']],
  ['[fd00::1]:81', ['[fd00::1]:81'], ['[fd00::1]']],
  [',, .', [], ['a.test']],
];

for (const [none, hosts, notHosts] of WITHOUT) {
  test(`NO_PROXY=${none}`, () => {
    for (const host of hosts) assert.is(hostFor(`http://${host}/`, none), undefined, host);
    for (const host of notHosts) assert.is(hostFor(`http://${host}/`, none), 'plain.test:3128', host);
  });
}

test('whatever stands in the list, a host that is in it by itself has no proxy, and the list breaks nothing', () => {
  const host = fc.domain().filter((name) => URL.canParse(`http://${name}/`));
  fc.assert(
    fc.property(fc.array(fc.string()), host, fc.array(fc.string()), (before, name, after) => {
      assert.is(hostFor(`http://${name}/`, [...before, name, ...after].join(',')), undefined);
    }),
  );
});

test('a proxy may be written without a scheme, and what is none is said without its password', async () => {
  const through = (http: string) => findProxy(new URL('http://a.test/'), { http });
  assert.is(through('proxy.test:3128')?.href, 'http://proxy.test:3128/');
  assert.is(through('me:pw@proxy.test:3128')?.password, 'pw');
  assert.is(through('socks5://proxy.test:1080')?.protocol, 'socks5:');
  for (const text of ['ftp://me:secret@proxy.test', 'http://me:secret@proxy.test:99999', 'http://me:secret@'])
    assert.not.match((await refuses('usage', () => through(text), /use proxy/)).message, /secret/);
});

test.run();

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  chooseAddress,
  chooseSubnet,
  contains,
  formatAddress,
  formatSubnet,
  macOf,
  overlaps,
  parseAddress,
  parseSubnet,
  type Subnet,
} from '../../src/network/addresses.ts';
import { parseRoutes } from '../../src/network/routes.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('network: addresses');

test('an address is read and written back', () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      assert.is(formatAddress(parseAddress(text)!), text);
    }),
  );
  for (const bad of ['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '1.2.3.-4', 'a.b.c.d', '1.2.3.4 ', '0x1.2.3.4'])
    assert.is(parseAddress(bad), undefined, bad);
});

test('a subnet loses its host bits, and anything else is refused', async () => {
  assert.is(formatSubnet(parseSubnet('10.1.2.3/16')), '10.1.0.0/16');
  for (const bad of ['10.0.0.0', '10.0.0.0/0', '10.0.0.0/31', 'fd00::/64', '10.0.0.0/8/8', '10.0.0.0/1e1'])
    await refuses('usage', () => parseSubnet(bad), /invalid subnet/);
});

test('a chosen subnet overlaps none of the others, wherever the search starts', () => {
  const others = fc.array(
    fc.record({
      third: fc.nat(255),
      second: fc.integer({ min: 16, max: 31 }),
      prefix: fc.integer({ min: 14, max: 28 }),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(others, fc.nat(), (list, seed) => {
      const taken = list.map(({ second, third, prefix }) => parseSubnet(`172.${second}.${third}.0/${prefix}`));
      let chosen: Subnet;
      try {
        chosen = chooseSubnet(taken, seed);
      } catch {
        return; // all are taken
      }
      assert.not(taken.some((other) => overlaps(other, chosen)));
      assert.ok(contains(parseSubnet('172.16.0.0/12'), chosen.base));
    }),
  );
});

test('the lowest free address is given out, never that of the network, and none when all are used', () => {
  const subnet = parseSubnet('10.0.0.0/29');
  const taken = new Set([parseAddress('10.0.0.1')!]);
  const given: string[] = [];
  for (;;) {
    const address = chooseAddress({ subnet, range: subnet, taken }, 0);
    if (address === undefined) break;
    taken.add(address);
    given.push(formatAddress(address));
  }
  assert.equal(given, ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
  const range = parseSubnet('10.0.0.4/30');
  assert.is(formatAddress(chooseAddress({ subnet, range, taken: new Set() }, 0)!), '10.0.0.4');
});

test('the hardware address follows from the address', () => {
  assert.is(macOf(parseAddress('172.17.0.2')!), '02:42:ac:11:00:02');
});

test('routes of the kernel are read, except the default route and those of one interface', () => {
  const table = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t0102A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'eth0\t0002A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'mk-a\t000011AC\t00000000\t0001\t0\t0\t0\t00F0FFFF\t0\t0\t0',
    '',
  ].join('\n');
  assert.equal(parseRoutes(table, '').map(formatSubnet), ['192.168.2.0/24', '172.17.0.0/20']);
  assert.equal(parseRoutes(table, 'mk-a').map(formatSubnet), ['192.168.2.0/24']);
});

test.run();

import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatNames } from '../../src/network/names.ts';
import type { Attachment, Endpoint, NetworkRecord } from '../../src/network/records.ts';
import { formatRules } from '../../src/network/rules.ts';
import { programPath, withNeeds } from '../support/needs.ts';

const test = suite('network: rules and names');

const network = (digit: string, more: Partial<NetworkRecord> = {}): NetworkRecord => ({
  id: digit.repeat(64),
  name: `net-${digit}`,
  created: '',
  subnet: `172.2${digit}.0.0/20`,
  gateway: `172.2${digit}.0.1`,
  isFixed: false,
  internal: false,
  attachable: false,
  labels: {},
  options: {},
  ...more,
});

const endpoint = (digit: string, more: Partial<Endpoint> = {}): Endpoint => ({
  network: `net-${digit}`,
  networkId: digit.repeat(64),
  endpointId: 'e'.repeat(64),
  address: `172.2${digit}.0.2`,
  prefix: 20,
  gateway: `172.2${digit}.0.1`,
  mac: '',
  interface: 'eth0',
  aliases: ['www'],
  nameServer: `172.2${digit}.0.1`,
  ...more,
});

const attachment = (more: Partial<Attachment> = {}): Attachment => ({
  container: 'c'.repeat(64),
  name: 'web',
  pid: 1,
  process: '',
  endpoints: [endpoint('1')],
  ports: [
    { port: '80/tcp', HostIp: '0.0.0.0', HostPort: '8080' },
    { port: '53/udp', HostIp: '127.0.0.1', HostPort: '5353' },
  ],
  dns: [],
  ...more,
});

test('a port of 127.0.0.1 is translated for this machine only, another one also for others', () => {
  const rules = formatRules({ table: 't', networks: [network('1')], attachments: [attachment()] });
  const chain = (name: string) => rules.split(`chain ${name} {`)[1]!.split('}')[0]!;
  assert.match(chain('from_outside'), 'tcp dport 8080 dnat to 172.21.0.2:80');
  assert.not.match(chain('from_outside'), '5353');
  assert.match(chain('from_here'), 'ip daddr 127.0.0.1 udp dport 5353 dnat to 172.21.0.2:53');
});

test('an internal network has no way out, and ports lead to another network of the container', () => {
  const both = attachment({ endpoints: [endpoint('1'), endpoint('2')] });
  const networks = [network('1', { internal: true }), network('2')];
  const rules = formatRules({ table: 't', networks, attachments: [both] });
  assert.match(rules, 'iifname "mk-111111111111" drop');
  assert.not.match(rules, 'ip saddr 172.21.0.0/20 oifname != "mk-111111111111" masquerade');
  assert.match(rules, 'dnat to 172.22.0.2:80');
});

test('without networks the table is removed', () => {
  assert.is(formatRules({ table: 't', networks: [], attachments: [] }), 'table ip t {}\ndelete table ip t\n');
});

withNeeds(test, { root: true, programs: ['nft'] })('nft understands the rules', () => {
  const input = formatRules({
    table: 'mkimage_test',
    networks: [network('1'), network('2', { internal: true })],
    attachments: [attachment()],
  });
  execFileSync(programPath('nft')!, ['-c', '-f', '-'], { input });
});

test('the name server gets a file for each network with names: the gateway, and a line for each member', () => {
  const other = attachment({
    container: 'd'.repeat(64),
    name: 'db',
    dns: ['9.9.9.9'],
    endpoints: [endpoint('1', { address: '172.21.0.3', aliases: [] })],
  });
  const unnamed = attachment({ endpoints: [endpoint('2', { nameServer: undefined })] });
  const files = formatNames([network('1'), network('2'), network('3')], [attachment(), other, unnamed]);
  assert.equal(
    [...files],
    [['net-1', `172.21.0.1\n${'c'.repeat(64)} 172.21.0.2  web,www\n${'d'.repeat(64)} 172.21.0.3  db 9.9.9.9\n`]],
  );
});

test.run();

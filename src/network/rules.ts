/** The packet filter of a store's networks, as one table of nft(8) that is replaced as a whole. Pure. */
import type { Attachment, NetworkRecord, PublishedBinding } from './records.ts';

/** What names of bridges begin with. */
export const BRIDGES = 'mk-';

/** The interface of a network on the host. 15 characters are the most. */
export function bridgeOf({ id }: Pick<NetworkRecord, 'id'>): string {
  return `${BRIDGES}${id.slice(0, 12)}`;
}

export interface RuleInput {
  readonly table: string;
  /** Networks that exist on the host. */
  readonly networks: readonly NetworkRecord[];
  readonly attachments: readonly Attachment[];
}

/** The text for `nft -f -`. It replaces the table in one transaction, or removes it if there are no networks. */
export function formatRules({ table, networks, attachments }: RuleInput): string {
  const clear = `table ip ${table} {}\ndelete table ip ${table}\n`;
  if (networks.length === 0) return clear;
  const ports = attachments.flatMap((attachment) => translationsOf(attachment, networks));
  return [
    clear,
    `table ip ${table} {`,
    // Published ports of 127.0.0.1 need routes to it from the bridges; without this rule, containers could use them to reach the host's own services.
    chain('guard', 'filter hook prerouting priority raw', [
      ...networks.map((network) => `iifname "${bridgeOf(network)}" ip daddr 127.0.0.0/8 drop`),
    ]),
    chain('from_outside', 'nat hook prerouting priority dstnat', [
      ...ports.filter(({ isLoopback }) => !isLoopback).map(({ rule }) => rule),
    ]),
    chain('from_here', 'nat hook output priority -100', [...ports.map(({ rule }) => rule)]),
    chain('source', 'nat hook postrouting priority srcnat', networks.flatMap(sourceRules)),
    chain('between', 'filter hook forward priority filter', networks.flatMap(forwardRules)),
    '}',
    '',
  ].join('\n');
}

function chain(name: string, hook: string, rules: readonly string[]): string {
  return [`  chain ${name} {`, `    type ${hook}; policy accept;`, ...rules.map((rule) => `    ${rule}`), '  }'].join(
    '\n',
  );
}

interface Translation {
  readonly rule: string;
  readonly isLoopback: boolean;
}

function translationsOf({ endpoints, ports }: Attachment, networks: readonly NetworkRecord[]): readonly Translation[] {
  const external = new Set(networks.filter(({ internal }) => !internal).map(({ id }) => id));
  const target = endpoints.find(({ networkId }) => external.has(networkId));
  return target === undefined ? [] : ports.map((binding) => translate(binding, target.address));
}

function translate({ port, HostIp, HostPort }: PublishedBinding, address: string): Translation {
  const [number = '', protocol = 'tcp'] = port.split('/');
  const isAny = HostIp === '' || HostIp === '0.0.0.0';
  const where = isAny ? 'fib daddr type local' : `ip daddr ${HostIp}`;
  return {
    rule: `${where} ${protocol} dport ${HostPort} dnat to ${address}:${number}`,
    isLoopback: HostIp.startsWith('127.'),
  };
}

/** Replies must come back through this host: of what goes out, of what comes from 127.0.0.1, and of what a container sends to its own published port. */
function sourceRules(network: NetworkRecord): readonly string[] {
  const [bridge, { subnet }] = [bridgeOf(network), network];
  return [
    `ip saddr 127.0.0.0/8 oifname "${bridge}" masquerade`,
    `ip saddr ${subnet} ip daddr ${subnet} ct status dnat masquerade`,
    ...(network.internal ? [] : [`ip saddr ${subnet} oifname != "${bridge}" masquerade`]),
  ];
}

/** Nothing enters a network but replies and published ports: neither other networks nor other machines. */
function forwardRules(network: NetworkRecord): readonly string[] {
  const bridge = bridgeOf(network);
  const within = `iifname "${bridge}" oifname "${bridge}" accept`;
  if (network.internal) return [within, `iifname "${bridge}" drop`, `oifname "${bridge}" drop`];
  return [
    within,
    `oifname "${bridge}" ct state established,related accept`,
    `oifname "${bridge}" ct status dnat accept`,
    `oifname "${bridge}" drop`,
  ];
}

import { createHash } from 'node:crypto';
import type { NetworkDetails, NetworkMember } from '../../../api/index.ts';
import { type Attachment, bridgeOf, DEFAULT_NETWORK, type NetworkRecord } from '../../../network/index.ts';

export function describeNetwork(record: NetworkRecord, attachments: readonly Attachment[]): NetworkDetails {
  const members = attachments.flatMap(({ container, name, endpoints }) =>
    endpoints
      .filter(({ networkId }) => networkId === record.id)
      .map(({ endpointId, mac, address, prefix }): readonly [string, NetworkMember] => [
        container,
        { Name: name, EndpointID: endpointId, MacAddress: mac, IPv4Address: `${address}/${prefix}`, IPv6Address: '' },
      ]),
  );
  const isDefault = record.name === DEFAULT_NETWORK;
  return {
    ...constantDetails(record.name, record.id),
    Created: record.created,
    Driver: 'bridge',
    IPAM: {
      Driver: 'default',
      Options: isDefault ? null : {},
      Config: [
        {
          Subnet: record.subnet,
          ...(record.range !== undefined && { IPRange: record.range }),
          Gateway: record.gateway,
        },
      ],
    },
    Internal: record.internal,
    Attachable: record.attachable,
    Containers: Object.fromEntries(members),
    Options: isDefault
      ? { 'com.docker.network.bridge.default_bridge': 'true', 'com.docker.network.bridge.name': bridgeOf(record) }
      : record.options,
    Labels: record.labels,
  };
}

/** `host` and `none`: nothing of them is stored, so their ids follow from their names. */
export function describePredefined(name: 'host' | 'none'): NetworkDetails {
  return {
    ...constantDetails(name, createHash('sha256').update(`network ${name}`).digest('hex')),
    Created: '0001-01-01T00:00:00Z',
    Driver: name === 'host' ? 'host' : 'null',
    IPAM: { Driver: 'default', Options: null, Config: [] },
    Internal: false,
    Attachable: false,
    Containers: {},
    Options: {},
    Labels: {},
  };
}

function constantDetails(name: string, id: string) {
  return {
    Name: name,
    Id: id,
    Scope: 'local',
    EnableIPv6: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
  } as const;
}

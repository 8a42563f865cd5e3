/** Requests and results for networks of containers. Members with capitals have Docker's names. */
import type { EndpointSettings } from './container-settings.ts';
import type { Filters } from './containers.ts';

export type NetworkDriver = 'bridge' | 'host' | 'null';

export interface AddressPool {
  /** CIDR; IPv4. */
  readonly Subnet?: string;
  readonly IPRange?: string;
  readonly Gateway?: string;
}

/** A network as `docker network inspect` shows it. */
export interface NetworkDetails {
  readonly Name: string;
  readonly Id: string;
  /** RFC 3339. */
  readonly Created: string;
  readonly Scope: 'local';
  readonly Driver: NetworkDriver;
  readonly EnableIPv6: boolean;
  readonly IPAM: {
    readonly Driver: string;
    readonly Options: Readonly<Record<string, string>> | null;
    readonly Config: readonly AddressPool[];
  };
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly ConfigFrom: { readonly Network: string };
  readonly ConfigOnly: boolean;
  /** Running containers, by id. */
  readonly Containers: Readonly<Record<string, NetworkMember>>;
  readonly Options: Readonly<Record<string, string>>;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface NetworkMember {
  readonly Name: string;
  readonly EndpointID: string;
  readonly MacAddress: string;
  /** With the length of the prefix. */
  readonly IPv4Address: string;
  readonly IPv6Address: string;
}

export interface CreateNetworkRequest {
  readonly name: string;
  readonly driver?: string | undefined;
  readonly pools: readonly AddressPool[];
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ipv6: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

export interface ListNetworksRequest {
  /** dangling, driver, id, label, name, scope, type. */
  readonly filters: Filters;
}

export interface NetworkRequest {
  /** A name, an ID or the start of an ID. */
  readonly network: string;
}

export interface RemoveNetworkRequest extends NetworkRequest {
  /** Do not fail if there is none. */
  readonly force: boolean;
}

export interface ConnectNetworkRequest extends NetworkRequest {
  readonly container: string;
  readonly settings: EndpointSettings;
}

export interface DisconnectNetworkRequest extends NetworkRequest {
  readonly container: string;
  /** Do not fail if the container is not in the network. */
  readonly force: boolean;
}

export interface PruneNetworksRequest {
  /** label, label!, until. */
  readonly filters: Filters;
}

export interface PruneNetworksResult {
  readonly NetworksDeleted: readonly string[];
}

/** What every RUN of a build has around it. */

export interface ExtraHost {
  readonly name: string;
  /** An IP address, or `host-gateway`: the machine that builds. */
  readonly address: string;
}

/** `setrlimit(2)` by the lower-case name of the limit (`nofile`); -1 is no limit. */
export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** What steps may only do if the caller says so. */
export type Entitlement = 'network.host' | 'security.insecure';

export type StepNetwork = 'default' | 'none' | 'host';

/** `auto`: what this machine does best. */
export type Isolation = 'auto' | 'runc' | 'crun' | 'namespaces';
